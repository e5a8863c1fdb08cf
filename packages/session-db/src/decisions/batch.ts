/** What the choice of a batch looks at. */
export type BatchRow = {
  readonly seq: number;
  readonly trigger: boolean;
  readonly onWake: boolean;
};

/**
 * The next batch of an agent, from rows that are due. Rows of `onWake` come first, and the limit cuts none of
 * them off: a later poll does not give them. Then the oldest triggers; the room that is left is for the newest
 * context. Without a trigger there is no batch. The rest is in the order of seq.
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
