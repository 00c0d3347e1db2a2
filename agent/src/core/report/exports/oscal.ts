import { canonicalBytes } from '../../../wire/canonical.ts';
import type { Json } from '../../../wire/primitives.ts';
import { hipaa, nist80053r5 } from '../../frameworks/index.ts';
import type { ControlFacts, HostFacts, ReportFacts } from '../facts.ts';
import { nameUuid } from './uuid.ts';

const OSCAL_VERSION = '1.2.1';
const NAMESPACE = 'urn:compliance-agent';
const CATALOG =
  'https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json';

/** OSCAL assessment results (NIST, version 1.2.1): an observation for each control of each host, a finding for each
 * NIST control that it serves, and a risk for each incident that is still open. */
export function oscalBytes({ parameters, hosts }: ReportFacts): Buffer {
  const { from, to, made_by } = parameters;
  const base = `${from} ${to} ${hosts.map(({ chains }) => chains.map(({ head }) => head)).join()}`;
  const uuid = (name: string) => nameUuid(`${base} ${name}`);
  const selected = new Set(
    hosts.flatMap(({ controls }) =>
      controls.flatMap(({ citations }) => nistIds(citations).map(controlId)),
    ),
  );
  const result = {
    uuid: uuid('result'),
    title: `Compliance from ${from} to ${to}`,
    description:
      'What signed evidence of the hosts says of six controls. Unknown and unattested time is no pass.',
    start: from,
    end: to,
    'local-definitions': {
      'inventory-items': hosts.map(({ host_id, site_id }) => ({
        uuid: uuid(`host ${host_id}`),
        description: `Host ${host_id} of site ${site_id}`,
        props: [prop('host-id', host_id), prop('site-id', site_id)],
      })),
    },
    'reviewed-controls': {
      'control-selections': [
        selected.size === 0
          ? { 'include-all': {} }
          : { 'include-controls': [...selected].sort().map((id) => ({ 'control-id': id })) },
      ],
    },
    observations: hosts.flatMap((host) => host.controls.map((one) => observation(one, host))),
    findings: hosts.flatMap((host) => host.controls.flatMap((one) => findings(one, host))),
  };
  const { observations, findings: found, ...rest } = result;
  const results = {
    ...rest,
    ...(observations.length > 0 && { observations }),
    ...(found.length > 0 && { findings: found }),
  };
  return canonicalBytes({
    'assessment-results': {
      uuid: uuid('assessment-results'),
      metadata: {
        title: 'HIPAA compliance of hosts, by signed evidence',
        'last-modified': to,
        version: made_by,
        'oscal-version': OSCAL_VERSION,
      },
      'import-ap': { href: '#', remarks: 'Assessed continuously; there is no plan document.' },
      results: [results],
    },
  } as unknown as Json);

  function observation({ check, title, seconds, citations }: ControlFacts, host: HostFacts) {
    const incidents = host.incidents.filter((one) => one.check === check);
    return {
      uuid: uuid(`observation ${host.host_id} ${check}`),
      title: `${title} on ${host.host_id}`,
      description: `Of the period: ${seconds.compliant} s compliant, ${seconds.drifted} s drifted, ${seconds.unknown} s unknown, ${seconds.unattested} s unattested, ${seconds.notApplicable} s not applicable; ${incidents.length} incidents.`,
      props: Object.entries(seconds).map(([state, value]) =>
        prop(`seconds-${state.replace('A', '-a')}`, String(value)),
      ),
      links: links(citations),
      methods: ['TEST'],
      types: ['control-objective'],
      subjects: [{ 'subject-uuid': uuid(`host ${host.host_id}`), type: 'inventory-item' }],
      'relevant-evidence': [
        ...host.chains.map(({ chain_id, first, last, head }) => ({
          href: `evidence/${host.host_id}/`,
          description: `Signed bundles ${first} to ${last} of chain ${chain_id}; the last has SHA-256 ${head}.`,
        })),
        ...incidents.map(({ bundle_id, detected_at, kind, end }) => ({
          href: `evidence/${host.host_id}/${detected_at.slice(0, 10).replaceAll('-', '/')}/${bundle_id}/bundle.json`,
          description: `${kind} detected at ${detected_at}, ${end}`,
        })),
      ],
      collected: to,
    };
  }

  function findings({ check, title, seconds, citations }: ControlFacts, host: HostFacts) {
    const counted = seconds.compliant + seconds.drifted + seconds.unknown + seconds.unattested;
    if (counted === 0) return []; // it does not apply to this host
    const satisfied = seconds.compliant === counted;
    return nistIds(citations).map((id) => ({
      uuid: uuid(`finding ${host.host_id} ${check} ${id}`),
      title: `${id} on ${host.host_id}: ${title}`,
      description: satisfied
        ? 'Compliant all the time, by signed evidence.'
        : 'Not compliant, or not shown to be, for a part of the time.',
      links: links(citations),
      target: {
        type: 'objective-id',
        'target-id': `${controlId(id)}_obj`,
        status: {
          state: satisfied ? 'satisfied' : 'not-satisfied',
          reason: satisfied ? 'pass' : 'fail',
        },
      },
      'related-observations': [
        { 'observation-uuid': uuid(`observation ${host.host_id} ${check}`) },
      ],
    }));
  }
}

const prop = (name: string, value: string) => ({ name, ns: NAMESPACE, value });

function nistIds(citations: ControlFacts['citations']): string[] {
  return citations.flatMap(({ framework, id }) => (framework === nist80053r5.id ? [id] : []));
}

/** `SC-7(5)` as the OSCAL catalogue has it: `sc-7.5`. */
function controlId(id: string): string {
  return id.toLowerCase().replace('(', '.').replace(')', '');
}

function links(citations: ControlFacts['citations']) {
  return citations.flatMap(({ framework, id, title, specification }) => {
    if (framework === nist80053r5.id)
      return [{ href: `${CATALOG}#${controlId(id)}`, rel: 'reference', text: `${id} ${title}` }];
    if (framework !== hipaa.id) return [];
    const section = id.slice(0, id.indexOf('('));
    const href = `https://www.ecfr.gov/current/title-45/section-${section}#p-${encodeURIComponent(id)}`;
    return [{ href, rel: 'reference', text: `45 CFR ${id} ${title} (${specification})` }];
  });
}
