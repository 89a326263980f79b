import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A text in a colour, or as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export const inColour: Paint = (style, text) => styleText(style, text, { validateStream: false });
export const plainly: Paint = (_, text) => text;

/** Colours are for terminals only, and for people who did not say that they want none (https://no-color.org). */
export function paintFor(isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint {
  const isUnwanted = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
  return isTerminal && !isUnwanted ? inColour : plainly;
}

/** The status of a mailing, a message or a part in the colour of what it means. */
export function paintStatus(paint: Paint, status: string): string {
  const style = STATUS_STYLES[status];
  return style === undefined ? status : paint(style, status);
}

const STATUS_STYLES: Readonly<Record<string, Style>> = {
  running: 'cyan',
  paused: 'yellow',
  completed: 'green',
  sent: 'green',
  registered: 'green',
  done: 'green',
  served: 'green',
  closed: 'green',
  failed: 'red',
  expired: 'red',
  open: 'red',
  deleted: 'dim',
  cancelled: 'dim',
  unknown: 'yellow',
};
