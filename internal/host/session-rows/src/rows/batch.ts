/** The fields of a row by which a batch is chosen. */
export type BatchRow = {
  readonly seq: number;
  readonly trigger: boolean;
  readonly onWake: boolean;
};

/**
 * Chooses the next batch of an agent from the rows that are due. Rows of `onWake` come first, and all of them
 * are in the batch whatever the limit, because no later poll returns them. The oldest triggers (rows that
 * want an answer) follow, and the newest context (rows that want none) fills the room that is left. With context
 * alone the batch is empty. Within each kind,
 * rows are in the order of seq.
 */
export const nextBatch = <Row extends BatchRow>(rows: readonly Row[], limit: number): readonly Row[] => {
  const bySeq = rows.toSorted((a, b) => a.seq - b.seq);
  const wake = bySeq.filter(({ onWake }) => onWake);
  const ordinary = bySeq.filter(({ onWake }) => !onWake);
  const triggers = ordinary.filter(({ trigger }) => trigger).slice(0, Math.max(0, limit - wake.length));
  if (triggers.length === 0 && !wake.some(({ trigger }) => trigger)) return [];
  const room = Math.max(0, limit - wake.length - triggers.length);
  const context = room === 0 ? [] : ordinary.filter(({ trigger }) => !trigger).slice(-room);
  return [...wake, ...[...triggers, ...context].toSorted((a, b) => a.seq - b.seq)];
};
