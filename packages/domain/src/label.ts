/** Space, and what `\p{Zs}` holds beside it (the no-break space, the ideographic one and so on). */
const BLANKS_AROUND = /^[\p{Zs}\t]|[\p{Zs}\t]$/u;
const BLANK = /[\p{Zs}\t]/u;
/** Nearly every label: nothing to do. */
const PLAIN = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;
/** C0, DEL, C1, and the separators of lines and paragraphs: no log, terminal or database should ever meet them. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** Zero-width and bidirectional formatting, fillers, variation selectors: two labels would look the same. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
/** An emoji may be joined of several by invisible characters. */
const EMOJI = /\p{RGI_Emoji}/gv;

export type LabelReading =
  | { readonly kind: 'label'; readonly label: string }
  /** What is wrong, to be said behind the field's name. */
  | { readonly kind: 'faulty'; readonly fault: string };

/**
 * Reads a label (a tag, a name) as every part of the system writes and compares it: without blanks around, in NFC, so that
 * what looks the same is the same. Refused are control characters, invisible ones, halves of characters, and labels of
 * blanks alone; the empty label stays empty.
 */
export function readLabel(given: string): LabelReading {
  if (PLAIN.test(given)) return { kind: 'label', label: given };
  if (!given.isWellFormed()) return faulty('holds half a character (a lone surrogate)');
  const label = trimBlanks(given).normalize('NFC');
  if (label === '') return faulty('must not be blanks alone');
  if (CONTROL.test(label)) return faulty('must not hold control characters');
  if (INVISIBLE.test(label) && INVISIBLE.test(label.replaceAll(EMOJI, ''))) {
    return faulty('must not hold invisible characters (zero-width, text direction)');
  }
  return { kind: 'label', label };
}

const faulty = (fault: string): LabelReading => ({ kind: 'faulty', fault });

/** Without spaces of any kind and tabulators around. Line breaks stay: they are no way to write a value. */
export function trimBlanks(text: string): string {
  if (!BLANKS_AROUND.test(text)) return text;
  let from = 0;
  let to = text.length;
  while (from < to && BLANK.test(text.charAt(from))) from += 1;
  while (to > from && BLANK.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}
