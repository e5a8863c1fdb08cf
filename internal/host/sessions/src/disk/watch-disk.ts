import { join } from "node:path";
import { noteOwners } from "@gatehouse/central-database";
import { diskSpace, lowDiskFix, sizeText, spaceText, type DiskSpace } from "@gatehouse/fs-kit";
import { groupFolder } from "@gatehouse/group-workspace";
import { systemCode } from "@gatehouse/std";
import { sessionsFolder } from "@gatehouse/workloads";
import { remoteReference } from "../containers/left-workloads.ts";
import { stopContainer } from "../containers/restart.ts";
import { heldReason, type LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";
import { reserveIn, writtenSince } from "./disk-use.ts";

/** How far back the writes of a group count, ms. */
const recentMs = 600_000;

/** Longest time between two looks, ms: while no agent runs that could write, or while the bound is far. */
const longestMs = 10_000;

/** More than agents write to a fast disk, bytes a ms. */
const fastest = 4 * 2 ** 20;

/**
 * Returns a function that looks at the disk of the data folder. Below the bound, owners are told, and the agents of the
 * group that wrote most lately are ended and held. If space is still missing then, the host's reserve is released; other
 * agents may use most of it, and the host keeps the rest. The holds end once there is twice the bound.
 */
export const watchDisk = (context: LoopContext): (() => Promise<void>) => {
  const { dataDir, disk, log } = context;
  const reserve = reserveIn(dataDir);
  let ampleAt = Date.now();
  /** The free bytes when the writers were last looked for. */
  let lookedAt = Infinity;
  let lastLook = -Infinity;
  /** The free bytes above the bound at the last look. */
  let room = 0;
  let isTold = false;
  let trouble: string | null = null;

  const whenEnough = async ({ free, total, low }: DiskSpace): Promise<void> => {
    const bytes = (await reserve.isThere()) ? 0 : reserve.bytesOf(total);
    if (free < low + bytes) return;
    if (bytes > 0) await reserve.make(bytes);
    if (free < 2 * low + bytes) return;
    [ampleAt, lookedAt, isTold] = [Date.now(), Infinity, false];
    if (disk.all === null && disk.groups.size === 0) return;
    disk.groups.clear();
    disk.all = null;
    log("disk-hold-ended", { free });
    for (const session of context.leased.all())
      void session.dispatch({ type: "configured" }).catch(context.report);
  };

  const whenLow = async (space: DiskSpace): Promise<void> => {
    const { free, low, total } = space;
    const keep = reserve.bytesOf(total) / 4;
    // A slow writer is found later; the same finding again would cost a walk through all folders.
    if (free < lookedAt - low / 16 || (free < keep && free < lookedAt)) {
      lookedAt = free;
      await holdWriter(context, low, Math.max(ampleAt, Date.now() - recentMs));
    }
    let now = await diskSpace(dataDir);
    if (now.free < keep && (await reserve.isThere())) {
      await reserve.release();
      log("disk-reserve-released", { free: now.free });
      now = await diskSpace(dataDir);
    }
    if (now.free < keep && disk.all === null) {
      disk.all = `The disk of the host is full, so no agent runs until ${sizeText(2 * low)} are free.`;
      log("disk-hold", { group: null, free: now.free });
    }
    await endHeld(context);
    if (!isTold) await tell(context, space);
    isTold = true;
  };

  return async () => {
    const isQuiet = disk.all === null && disk.groups.size === 0 && !context.leased.all().some(isRunning);
    const waitMs = isQuiet ? longestMs : Math.min(longestMs, room / fastest);
    if (context.phase.is === "closing" || Date.now() - lastLook < waitMs) return;
    lastLook = Date.now();
    try {
      const space = await diskSpace(dataDir);
      room = Math.max(0, space.free - space.low);
      await (space.isLow ? whenLow(space) : whenEnough(space));
      trouble = null;
    } catch (error) {
      // The disk may be too full for a note or the reserve: the next look tries again.
      const reason = systemCode(error);
      if (reason !== trouble) log("disk-trouble", { reason });
      trouble = reason;
    }
  };
};

const tell = async ({ central, dataDir, now, asked }: LoopContext, space: DiskSpace): Promise<void> => {
  const at = now();
  const text = `The disk of ${dataDir} is nearly full: ${spaceText(space)}. Agents that write much on it are ended and held until ${sizeText(2 * space.low)} are free. To fix it: ${lowDiskFix}.`;
  await noteOwners(central.loop, [{ id: `disk-low/${at.slice(0, 13)}`, text, created_at: at }]);
  asked?.();
};

/** Ends and holds the agents of the group that wrote most, if that is a considerable part of the space. */
const holdWriter = async (context: LoopContext, low: number, since: number): Promise<void> => {
  const running = new Set(
    context.leased
      .all()
      .filter(isRunning)
      .map(({ groupId }) => groupId),
  );
  let most: { readonly groupId: string; readonly bytes: number } | null = null;
  for (const groupId of running) {
    const bytes = await bytesOf(context, groupId, since);
    if (bytes >= low / 8 && bytes > (most?.bytes ?? 0)) most = { groupId, bytes };
  }
  if (most === null) return;
  const { groupId, bytes } = most;
  const why = `The disk of the host is nearly full, and this group wrote most on it lately. Its agents start again once ${sizeText(2 * low)} are free.`;
  context.disk.groups.set(groupId, why);
  context.log("disk-hold", { group: groupId, bytes });
  await endHeld(context);
};

/** False for a workload that another host runs: it writes on that host's disk. */
const isRunning = ({ container, state }: LeasedSession): boolean =>
  hasRun(state().workload) && container?.reference !== remoteReference;

const bytesOf = async (
  { central, dataDir }: LoopContext,
  groupId: string,
  since: number,
): Promise<number> => {
  const row = await central.loop
    .selectFrom("agent_groups")
    .select("folder")
    .where("id", "=", groupId)
    .executeTakeFirst();
  const folders = [
    join(sessionsFolder({ dataDir }), groupId),
    ...(row === undefined ? [] : [groupFolder(dataDir, row.folder)]),
  ];
  let bytes = 0;
  for (const folder of folders) bytes += await writtenSince(folder, since);
  return bytes;
};

/** Ends the held agents. Their messages in work are due again, for the agents that start after the hold. */
const endHeld = async (context: LoopContext): Promise<void> => {
  const ended = context.leased
    .all()
    .filter((session) => isRunning(session) && heldReason(context, session.groupId) !== null);
  await Promise.all(ended.map((session) => stopContainer(session).catch(context.report)));
};
