import { prettyFactory } from 'pino-pretty';

/** What the launcher says itself. Fields are for machines and are not shown to people. */
export type Output = {
  say(line: string, fields?: object): void;
  warn(line: string, fields?: object): void;
  error(line: string, fields?: object): void;
  /** A line of a service's log, as the service has written it. */
  pass(instance: string, line: string): void;
  /** Text for people only. */
  print(text: string): void;
};

type Sink = (text: string) => void;

/** JSON lines all through, for files and programs: services' own lines pass untouched. */
export function createJsonOutput(write: Sink): Output {
  const line =
    (level: string) =>
    (text: string, fields: object = {}) => {
      write(`${launcherLine(level, text, fields)}\n`);
    };
  return {
    say: line('info'),
    warn: line('warn'),
    error: line('error'),
    pass: (instance, text) => write(`${asLogLine(instance, text)}\n`),
    print: () => {},
  };
}

/** Coloured lines which begin with time, level and the name of the process. */
export function createPrettyOutput(write: Sink, colorize: boolean): Output {
  const format = prettyFactory({
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,service,instance',
    // The factory of pino-pretty formats plain objects too, but is typed for its stream's input.
    messageFormat: '{instance}: {msg}',
  });
  const line = (level: string) => (text: string) => write(format(launcherLine(level, text, {})));
  return {
    say: line('info'),
    warn: line('warn'),
    error: line('error'),
    pass: (instance, text) => write(format(asLogLine(instance, text))),
    print: (text) => write(`${text}\n`),
  };
}

function launcherLine(level: string, msg: string, fields: object): string {
  const time = new Date().toISOString();
  return JSON.stringify({ level, time, service: 'launcher', instance: 'launcher', ...fields, msg });
}

/** What a process writes beside its log (a crash of Node, a warning) becomes a line of the log. */
function asLogLine(instance: string, line: string): string {
  if (line.startsWith('{') && line.endsWith('}')) return line;
  return JSON.stringify({ level: 'warn', time: new Date().toISOString(), instance, msg: line });
}
