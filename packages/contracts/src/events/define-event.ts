import { z } from 'zod';

/** An entry of the catalogue: an event's type, the version of its data, and the schema of that version. */
export interface EventDefinition<Type extends string, Data extends z.ZodType> {
  readonly type: Type;
  readonly dataVersion: number;
  readonly data: Data;
}

/** Makes an entry of the catalogue. The version rises when the meaning or shape of the data changes. */
export function defineEvent<const Type extends string, Data extends z.ZodType>(
  type: Type,
  dataVersion: number,
  data: Data,
): EventDefinition<Type, Data> {
  return { type, dataVersion, data };
}

/** What entity events remember of the commands behind them: the last 16, newest last. */
export const recentCommands = z.array(z.uuid()).max(16);
export const RECENT_COMMANDS = 16;
