import { Client } from 'pg';
import type { Herald } from './herald.ts';

/** Damage to read models that no service does: what a bug, a bad disk or a hand in the database leaves. */
export class Damage {
  readonly #database: Client;

  private constructor(database: Client) {
    this.#database = database;
  }

  static async open(herald: Herald): Promise<Damage> {
    const { databaseUrl } = await herald.describe();
    const database = new Client({ connectionString: databaseUrl });
    await database.connect();
    return new Damage(database);
  }

  close(): Promise<void> {
    return this.#database.end();
  }

  /** Lets the served statistics of a mailing say that so many more were sent. */
  async addSent(mailingId: string, count: number): Promise<void> {
    const schema = await this.#servedSchema();
    await this.#expectRows(
      `update ${schema}.counter set sent = sent + $2 where (mailing_id, lane) = (
         select mailing_id, min(lane) from ${schema}.counter where mailing_id = $1 group by mailing_id)`,
      [mailingId, count],
    );
  }

  /** Lets the directory show a client under another tag. */
  async changeTag(clientId: string, tag: string): Promise<void> {
    await this.#expectRows('update mailing.client set tag = $2 where id = $1', [clientId, tag]);
  }

  /**
   * Lets no client with a tag be written into the directory or the served statistics, until the answer is called: its events are
   * parked.
   */
  async refuseClientsWith(tag: string): Promise<() => Promise<void>> {
    const tables = ['mailing.client', `${await this.#servedSchema()}.client_version`];
    await this.#database.query(
      `create function public.refuse_client() returns trigger language plpgsql as $$ begin
         if new.tag = '${tag}' then raise exception 'this tag is refused'; end if;
         return new;
       end $$;
       ${tables.map((table) => `create trigger refuse_client before insert or update on ${table} for each row execute function public.refuse_client();`).join('\n')}`,
    );
    return async () => {
      await this.#database.query('drop function public.refuse_client cascade');
    };
  }

  async #servedSchema(): Promise<string> {
    const { rows } = await this.#database.query<{ generation: number }>(
      'select generation from stats.pointer',
    );
    return `stats_${rows[0]?.generation}`;
  }

  /** @throws where nothing was there to be damaged */
  async #expectRows(statement: string, values: readonly unknown[]): Promise<void> {
    const { rowCount } = await this.#database.query(statement, [...values]);
    if (rowCount !== 1) throw new Error(`${rowCount} rows are damaged instead of one`);
  }
}
