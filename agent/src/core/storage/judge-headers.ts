import type { Failure } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';
import type { Severity } from '../../wire/verdict.ts';
import type { Observation } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { EncryptionFacts } from './facts.ts';
import type { LuksHeader } from './luks.ts';
import type { EncryptionSection, LuksDevice } from './section.ts';

/** Findings about the declared LUKS headers, in the order of the baseline. */
export function judgeHeaders(facts: EncryptionFacts, expected: EncryptionSection): Observation[] {
  return expected.luks.flatMap((device) => {
    if (isUnseen(facts.volumes)) return [notSeen(device, facts.volumes.unseen)];
    const volume = facts.volumes.find(({ name }) => name === device.name);
    if (volume === undefined) return [notSeen(device, { code: 'absent', params: {} })];
    if ('error' in volume) return [notSeen(device, volume.error)];
    if (volume.header === null) return [noHeader(device)];
    return [
      ...judgeFormat(volume.header, device),
      ...judgeCipher(volume.header, device, expected.allowed_ciphers),
      ...judgeKeySlots(volume.header, device),
    ];
  });
}

type Words = { rule: string; severity: Severity; expected: Json; actual: Json; message: string };
const drift = ({ name }: LuksDevice, words: Words): Observation => ({
  ...words,
  subject: name,
  verdict: 'drifted',
});

function notSeen({ name }: LuksDevice, unseen: Failure): Observation {
  const what = `The LUKS header of ${name}`;
  return unseenObservation({ rule: 'header_not_seen', subject: name, what, unseen });
}

function noHeader(device: LuksDevice): Observation {
  return drift(device, {
    rule: 'header_missing',
    severity: 'critical',
    expected: 'a LUKS header',
    actual: null,
    message: `The device of ${device.name} holds no LUKS header.`,
  });
}

function judgeFormat({ version, complete }: LuksHeader, device: LuksDevice): Observation[] {
  const found: Observation[] = [];
  if (version === 1) {
    found.push(
      drift(device, {
        rule: 'luks1',
        severity: 'medium',
        expected: 2,
        actual: version,
        message: `${device.name} has a LUKS1 header; convert it to LUKS2.`,
      }),
    );
  }
  if (!complete) {
    found.push(
      drift(device, {
        rule: 'partly_encrypted',
        severity: 'high',
        expected: 'encrypted',
        actual: 'partly',
        message: `Part of ${device.name} lies in the clear: a re-encryption has not finished.`,
      }),
    );
  }
  return found;
}

/** The areas of the key slots hold the volume key, so their cipher must be as good as the data’s. */
function judgeCipher(
  { ciphers, key_slot_ciphers: slotCiphers, key_bits: bits }: LuksHeader,
  device: LuksDevice,
  allowed: readonly string[],
): Observation[] {
  const found: Observation[] = [];
  const wanted = device.cipher === undefined ? [...allowed] : [device.cipher];
  const weak = [
    ...ciphers.filter((cipher) => !wanted.includes(cipher)),
    ...slotCiphers.filter((cipher) => ![...allowed, ...wanted].includes(cipher)),
  ];
  if (weak.length > 0) {
    found.push(
      drift(device, {
        rule: 'weak_cipher',
        severity: 'high',
        expected: wanted,
        actual: [...new Set(weak)],
        message: `${device.name} uses ${weak[0]}, which the baseline does not allow.`,
      }),
    );
  }
  if (bits !== null && bits < device.min_key_bits) {
    found.push(
      drift(device, {
        rule: 'short_key',
        severity: 'high',
        expected: device.min_key_bits,
        actual: bits,
        message: `The volume key of ${device.name} has ${bits} bits, fewer than ${device.min_key_bits}.`,
      }),
    );
  }
  return found;
}

/** A slot too many is another way in; a declared slot that is gone may have been the recovery key. */
function judgeKeySlots({ key_slots: slots }: LuksHeader, device: LuksDevice): Observation[] {
  const { key_slots: wanted } = device;
  if (wanted === undefined) return [];
  const extra =
    typeof wanted === 'number' ? slots.slice(wanted) : slots.filter((id) => !wanted.includes(id));
  const gone = typeof wanted === 'number' ? [] : wanted.filter((id) => !slots.includes(id));
  const about = { expected: wanted, actual: slots };
  const found: Observation[] = [];
  if (extra.length > 0) {
    found.push(
      drift(device, {
        ...about,
        rule: 'unexpected_key_slot',
        severity: 'high',
        message: `${device.name} can be opened by ${slots.length} key slots, more than declared.`,
      }),
    );
  }
  if (gone.length > 0) {
    found.push(
      drift(device, {
        ...about,
        rule: 'key_slot_missing',
        severity: 'medium',
        message: `Key slot ${gone.join(', ')} of ${device.name} is gone.`,
      }),
    );
  }
  return found;
}
