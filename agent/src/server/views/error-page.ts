import { html } from '../../core/report/page/markup.ts';
import type { ErrorAnswer } from '../../wire/routes.ts';
import { layout } from './layout.ts';

const TITLES: Record<number, string> = {
  400: 'This address is not understood',
  401: 'Nobody is signed in',
  403: 'This is not for you',
  404: 'There is no such page',
  503: 'The server is busy',
};

/** A refusal for people: what is wrong, and nothing of the inside. */
export function errorPage(status: number, { message }: ErrorAnswer): string {
  const title = TITLES[status] ?? 'The server could not do this';
  const body = html`<h1>${title}</h1>
<p>${message}</p>
<p><a href="/fleet">To the fleet</a></p>`;
  return layout({ title, reader: null, place: null, body });
}
