/** Divides URLs, but no password that holds a comma. */
const BETWEEN_URLS = /,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i;

/**
 * A URL, or several divided by commas, for logs and people: without login, query and fragment, where secrets stand.
 * Rather too much is left out than too little, since a password may hold what divides the parts of a URL.
 */
export function redactUrl(text: string): string {
  return text.split(BETWEEN_URLS).map(redactOne).join(',');
}

function redactOne(text: string): string {
  const scheme = /^\s*[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length);
  const end = rest.search(/[?#]/);
  const visible = end === -1 ? rest : rest.slice(0, end);
  if (end !== -1 && rest.slice(end).includes('@')) return `${scheme}…`;
  const loginEnd = visible.lastIndexOf('@');
  const login = loginEnd === -1 ? '' : '…@';
  return `${scheme}${login}${visible.slice(loginEnd + 1)}${end === -1 ? '' : '?…'}`;
}
