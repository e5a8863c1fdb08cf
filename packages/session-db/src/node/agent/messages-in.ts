import { nextBatch } from "../../decisions/batch.ts";
import type { Json, MessageKind, ReceivedInbound } from "../../messages.ts";
import type { Connection } from "../files/connection.ts";

type Row = Omit<ReceivedInbound, "content" | "trigger" | "onWake" | "kind"> & {
  readonly kind: MessageKind;
  readonly content: string;
  readonly trigger: number;
  readonly onWake: number;
};

export type BatchOptions = {
  readonly incarnation: number;
  readonly isFirst: boolean;
  readonly limit: number;
  readonly now: string;
};

/** Columns that a file of an earlier version may lack, and what stands for them. */
const optional: readonly (readonly [column: string, value: string])[] = [
  ["source_session_id", "null"],
  ["on_wake", "0"],
  ["wake_incarnation", "1"],
];

/** What is not in work by this container and has not ended, though the host may not know that yet. */
const isOpen = `not exists (select 1 from main.processing_ack a where a.message_id = m.id
  and (a.status <> 'processing' or a.incarnation = ?))`;
const isDue = "(process_after is null or process_after <= ?)";

/** The next batch. Each query takes the rows it may need along an index, so history is not read. */
export const readBatch = (db: Connection, options: BatchOptions): readonly ReceivedInbound[] => {
  const { incarnation, isFirst, limit, now } = options;
  const columns = optionalColumns(db);
  const pending = `select ${columns.list} from inbound.messages_in m where status = 'pending'`;
  const wake = isFirst
    ? db.all<Row>(
        `${pending} and ${columns.onWake} = 1 and kind <> 'system' and ${columns.wakeIncarnation} <= ?
          and ${isDue} and ${isOpen} order by seq`,
        ...[incarnation, now, incarnation],
      )
    : [];
  const ordinary = (trigger: 0 | 1): readonly Row[] =>
    db.all<Row>(
      `${pending} and kind <> 'system' and trigger = ? and ${columns.onWake} = 0 and ${isDue} and ${isOpen}
        order by seq ${trigger === 1 ? "asc" : "desc"} limit ?`,
      ...[trigger, now, incarnation, limit],
    );
  return nextBatch([...wake, ...ordinary(1), ...ordinary(0)].map(decoded), limit);
};

/** System messages, oldest first. */
export const readSystem = (
  db: Connection,
  { incarnation, limit }: Pick<BatchOptions, "incarnation" | "limit">,
): readonly ReceivedInbound[] =>
  db
    .all<Row>(
      `select ${optionalColumns(db).list} from inbound.messages_in m
        where status = 'pending' and kind = 'system' and ${isOpen} order by seq limit ?`,
      ...[incarnation, limit],
    )
    .map(decoded);

const optionalColumns = (db: Connection) => {
  // One row: a row takes longer to reach us than SQLite takes to find it.
  const [row] = db.all<{ names: string }>(
    "select json_group_array(name) as names from pragma_table_info('messages_in', 'inbound')",
  );
  const there = new Set(JSON.parse(row?.names ?? "[]") as readonly string[]);
  const [source, onWake, wakeIncarnation] = optional.map(([column, value]) =>
    there.has(column) ? column : value,
  ) as [string, string, string];
  const list = `id, seq, kind, timestamp, content, trigger, tries, channel_type as channelType,
    platform_id as platformId, thread_id as threadId, process_after as processAfter,
    ${source} as sourceSessionId, ${onWake} as onWake`;
  return { list, onWake, wakeIncarnation };
};

const decoded = ({ content, trigger, onWake, ...row }: Row): ReceivedInbound => ({
  ...row,
  content: JSON.parse(content) as Json,
  trigger: trigger === 1,
  onWake: onWake === 1,
});
