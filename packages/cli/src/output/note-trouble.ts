import type { Output } from './output.ts';

/** Says why it is waited, once until the reason is another one: an outage of ten minutes is a hundred tries. */
export function noteTrouble(output: Output): (reason: string) => void {
  let told = '';
  return (reason) => {
    if (reason !== told) output.note(`${reason} Trying again…`);
    told = reason;
  };
}
