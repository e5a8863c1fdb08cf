import type { HostEnd, Unanswered, Waiting } from "../../transport.ts";
import type { SessionFile } from "../files/session-file.ts";
import { readFenced } from "./fence.ts";

type Row = {
  readonly id: string;
  readonly channel_type: string;
  readonly platform_id: string;
  readonly thread_id: string | null;
};

/**
 * People's messages that no container has taken yet. That the kind is not `system` follows from `chat`, but it is
 * the index's own condition: without it SQLite reads all of history.
 */
export const waitingMessages = (
  file: SessionFile,
  token: number,
): Pick<HostEnd, "waiting" | "unanswered"> => ({
  waiting: ({ limit, now }) =>
    file.transaction(
      "read",
      readFenced(token, (db) => ({
        ok: true,
        value: db
          .all<Row>(
            `select id, channel_type, platform_id, thread_id from messages_in
              where status = 'pending' and kind <> 'system' and kind = 'chat' and trigger = 1 and source_session_id is null
                and channel_type is not null and platform_id is not null
                and (process_after is null or process_after <= ?)
                and not exists (select 1 from claims c where c.message_id = messages_in.id)
              order by seq limit ?`,
            now,
            limit,
          )
          .map(waitingOf),
      })),
    ),
  unanswered: ({ limit, after = 0 }) =>
    file.transaction(
      "read",
      readFenced(token, (db) => ({
        ok: true,
        value: db.all<Unanswered>(
          `select id, seq, channel_type as channelType, platform_id as platformId, thread_id as threadId,
            source_session_id as sourceSessionId from messages_in
            where status = 'pending' and kind <> 'system' and trigger = 1 and seq > ?
              and coalesce(source_session_id, platform_id) is not null
            order by seq limit ?`,
          after,
          limit,
        ),
      })),
    ),
});

const waitingOf = ({ id, channel_type, platform_id, thread_id }: Row): Waiting => ({
  id,
  channelType: channel_type,
  platformId: platform_id,
  threadId: thread_id,
});
