import { Journal } from './journal.ts';
import { JournalFile } from './journal-file.ts';
import { readJournalFile } from './read-journal-file.ts';

/**
 * Opens the journal, with what an earlier process left in the file.
 *
 * @param path null keeps it in memory only
 * @param limit entries whose detail is kept
 * @throws where the file cannot be read or written, or is not a journal
 */
export function openJournal(path: string | null, limit: number): Journal {
  const journal = new Journal(limit);
  if (path !== null) {
    const wholeBytes = readJournalFile(path, (line) => journal.restore(line));
    journal.writeTo(new JournalFile(path, wholeBytes));
  }
  return journal;
}
