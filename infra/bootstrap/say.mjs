/**
 * One line of progress for a person. On standard error: standard output belongs to the program.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`herald: ${line}\n`);
}

/**
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  say(message);
  process.exit(1);
}
