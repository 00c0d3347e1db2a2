import { FormData } from 'undici';
import { bundle, type Field, hostOf, last, type Result, told, viewerOf, waitFor } from './look.ts';
import type { Step } from './scenario.ts';

/** In the viewer: what a host asks for is exported, signed outside, imported, fetched and obeyed. */
export async function order(
  { host: name, as }: Extract<Step, { do: 'order' }>,
  field: Field,
): Promise<Result> {
  const host = hostOf(field, name);
  const viewer = viewerOf(field, as);
  const before = await last(host);
  await host.violate('patching', 'running_not_accepted');
  const listed = async (state: string): Promise<string | null> => {
    const { output } = field.server(['orders', 'list', '--host', name, '--state', state, '--json']);
    return JSON.parse(output)[0]?.order_id ?? null;
  };
  const id = await waitFor(() => listed('requested'));
  if (id === null) return { ok: false, seen: 'no order was asked for' };
  const draft = await viewer.post(`/orders/${id}/export`);
  const form = new FormData();
  form.set('order', new Blob([field.sign(draft.body)], { type: 'application/json' }), 'order.json');
  const imported = await viewer.post('/orders/import', form);
  const obeyed = await bundle(
    host,
    before,
    (seen) => seen.check === 'patching' && seen.outcome === 'success',
  );
  const done = await waitFor(async () => (await listed('done')) === id || null);
  return told(
    ['asked for', 'exported', 'signed elsewhere and imported', 'obeyed', 'done'],
    [true, draft.status === 200, imported.status === 303, obeyed !== null, done === true],
  );
}

/** What a page says may follow what the server keeps by a second or two. */
export async function view(
  { as, path, status, contains, lacks }: Extract<Step, { do: 'view' }>,
  field: Field,
): Promise<Result> {
  const viewer = viewerOf(field, as);
  let fault = '';
  const right = await waitFor(async () => {
    const page = await viewer.get(path);
    const text = page.body.toLowerCase();
    const absent = contains.filter((word) => !text.includes(word.toLowerCase()));
    const there = lacks.filter((word) => text.includes(word.toLowerCase()));
    fault = [
      ...(page.status === status ? [] : [`status ${page.status}`]),
      ...absent.map((word) => `no ${word}`),
      ...there.map((word) => `there is ${word}`),
    ].join(', ');
    return fault === '' || null;
  }, 15);
  return { ok: right === true, seen: right === true ? `${status} ${path}` : `${path}: ${fault}` };
}

export async function drift(step: Extract<Step, { do: 'drift' }>, field: Field): Promise<Result> {
  const sent = await field.send(step);
  return { ok: sent > 0, seen: `${sent} bundles of ${step.hosts} agents received` };
}

export async function verify(field: Field): Promise<Result> {
  const { code, output } = field.server(['verify']);
  return { ok: code === 0, seen: output.trim().split('\n').at(-1) ?? '' };
}
