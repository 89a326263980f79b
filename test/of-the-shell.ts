/** What a shell says of servers, of Herald's or of somebody else's, is not meant for those of tests. */
const OF_THE_SHELL = /^(PG|NATS_|DATABASE_|PROVIDER_|NODE_USE_ENV_PROXY$)/;

/** Takes such variables out of this process and those that it starts. */
export function forgetTheShell(environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(environment)) if (OF_THE_SHELL.test(name)) delete environment[name];
}
