const begin = performance.now();

/** Says what is going on, with the seconds since this file began: a run of minutes must not be silent. */
export function tell(what: string): void {
  const seconds = ((performance.now() - begin) / 1_000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${what}\n`);
}
