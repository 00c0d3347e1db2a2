import type { Finding } from './verification.ts';

/** Whether the values that the page marks as signed are those of the verified bytes: a page is the server’s word alone. */
export function comparePage(signed: unknown): Finding {
  if (signed === null)
    return { state: 'could not', words: 'bytes that are not signed say nothing' };
  const marked = [...document.querySelectorAll<HTMLElement>('[data-signed]')];
  const wrong = marked.filter((element) => {
    const value = at(signed, element.dataset['signed'] ?? '');
    const text =
      value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
    return (element.getAttribute('datetime') ?? element.textContent) !== text;
  });
  for (const element of wrong) element.classList.add('wrong');
  return wrong.length === 0
    ? { state: 'verified', words: `${marked.length} values on it are those of the signed bytes` }
    : {
        state: 'failed',
        words: `${wrong.length} of ${marked.length} values on it are not those of the signed bytes`,
      };
}

/** What a JSON pointer (RFC 6901) leads to. */
function at(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (inside, part) =>
        typeof inside === 'object' && inside !== null && Object.hasOwn(inside, part)
          ? (inside as Record<string, unknown>)[part]
          : undefined,
      value,
    );
}
