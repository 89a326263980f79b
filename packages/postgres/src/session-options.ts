/**
 * What a session is to be opened with, as `pg` takes it. Settings of ours come last and win; those that stand in the
 * URL (`?options=`), or else in PGOPTIONS, come before them. `pg` alone takes one of the three and drops the others:
 * with options in the URL tables would be made in another schema.
 *
 * @param settings such as `-c search_path=stats_1`
 */
export function sessionOptions(url: string, settings: string): { connectionString: string; options: string } {
  const match = /([?&])options=([^&#]*)(&?)/.exec(url);
  if (match === null) return { connectionString: url, options: join(process.env.PGOPTIONS, settings) };
  const [whole, before = '', given = ''] = match;
  const rest = match[3] === '' ? '' : before;
  return {
    connectionString: url.replace(whole, rest),
    options: join(decodeURIComponent(given.replaceAll('+', ' ')), settings),
  };
}

function join(given: string | undefined, settings: string): string {
  return given === undefined || given === '' ? settings : `${given} ${settings}`;
}
