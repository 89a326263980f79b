const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * A row of RFC 4180 with its line end. Values stand there as they are: one that begins with `=` too, though a spreadsheet may
 * take it for a formula, since a program that reads the file must get back what was stored.
 */
export const csvRow = (fields: readonly (string | number)[]): string => `${fields.map(csvField).join()}\r\n`;

function csvField(value: string | number): string {
  const text = String(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
