import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { mayLieInRows } from './outage.ts';

const failedWith = (code: string): DatabaseError =>
  Object.assign(new DatabaseError('failed', 0, 'error'), { code });

test.each([
  ['a key that is there already', failedWith('23505'), true],
  ['a text that PostgreSQL cannot hold', failedWith('22P05'), true],
  ['a deadlock', failedWith('40P01'), true],
  ['a server that shuts down', failedWith('57P01'), false],
  ['a disk that is full', failedWith('53100'), false],
  ['a table that is gone', failedWith('42P01'), false],
  ['a prepared statement that is not there', failedWith('26000'), false],
  ['a prepared statement that is there already', failedWith('42P05'), false],
  ['a prepared statement whose result has other columns now', failedWith('0A000'), false],
  ['a connection that broke', new Error('Connection terminated unexpectedly'), false],
])('%s: whether fewer rows may fare better', (_what, error, answer) => {
  expect(mayLieInRows(error)).toBe(answer);
});
