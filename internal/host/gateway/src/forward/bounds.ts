import { fail, ok, type Result } from "@gatehouse/std";
import { busyRefusal, type Refusal } from "../rules/refusal-messages.ts";
import type { Caller } from "./caller.ts";

/** What one agent, and all agents of a group, may hold at once, and ask in a minute without using up a day. */
type Bounds = {
  readonly requests: number;
  /** Bytes of bodies. */
  readonly bytes: number;
  /** Questions in a minute that no limit of a day counts: for tokens and models. */
  readonly questions: number;
};

const mostOf: Readonly<Record<"agent" | "group", Bounds>> = {
  agent: { requests: 64, bytes: 2 ** 26, questions: 60 },
  group: { requests: 256, bytes: 2 ** 27, questions: 120 },
};

/**
 * Bytes of bodies that all agents of a host hold together. Beyond it, bodies are read one piece after the other, first
 * those of the group that holds least: the rest stays with its sender.
 */
const mostInAll = 2 ** 27;

/** Bytes that a group may hold in any case: a body of the usual size. */
const ownBytes = 2 ** 20;

/** Time between two pieces of bodies that are read beyond `mostInAll`, ms. A sender that stalls does not wait for its turn. */
const everyMs = 50;

type Held = { requests: number; bytes: number; minute: number; questions: number };

/** A request that was let in. */
export type Slot = {
  /** Adds bytes of its body. Returns the refusal if there are too many; null otherwise. */
  readonly take: (bytes: number) => Refusal | null;
  /** Null if more of the body may be read now; else resolves when it may. */
  readonly room: () => Promise<void> | null;
  /** Gives back the request and its bytes. */
  readonly release: () => void;
};

export type Gate = {
  readonly admit: (
    caller: Pick<Caller, "sessionId" | "groupId">,
    isQuestion: boolean,
  ) => Result<Slot, Refusal>;
};

const minuteMs = 60_000;

/** Bounds what agents hold of the host's memory and ask of the vendors. `now` is in ms. */
export const openGate = (now: () => number): Gate => {
  const all = new Map<string, Held>();
  const heldBy = (key: string): Held => {
    const minute = Math.floor(now() / minuteMs);
    const held = all.get(key) ?? { requests: 0, bytes: 0, minute, questions: 0 };
    all.set(key, held);
    if (held.minute !== minute) Object.assign(held, { minute, questions: 0 });
    return held;
  };
  /** Agents that hold nothing are forgotten once their minute is over. */
  const forget = (): void => {
    const minute = Math.floor(now() / minuteMs);
    for (const [key, { requests, minute: last }] of all)
      if (requests === 0 && last !== minute) all.delete(key);
  };
  const inAll = queueForRoom(mostInAll);
  return {
    admit: ({ sessionId, groupId }, isQuestion) => {
      forget();
      const both = [
        { whose: "agent", held: heldBy(`agent ${sessionId}`), most: mostOf.agent },
        { whose: "group", held: heldBy(`group ${groupId}`), most: mostOf.group },
      ] as const;
      for (const { whose, held, most } of both) {
        if (held.requests >= most.requests)
          return fail(busyRefusal(`This ${whose} has ${most.requests} requests at once.`, 1));
        if (isQuestion && held.questions >= most.questions) {
          const seconds = Math.ceil((minuteMs - (now() % minuteMs)) / 1_000);
          const what = `This ${whose} has asked ${most.questions} questions for tokens or models in a minute.`;
          return fail(busyRefusal(what, seconds));
        }
      }
      for (const { held } of both) {
        held.requests += 1;
        held.questions += Number(isQuestion);
      }
      let taken = 0;
      const place = inAll.enter(() => both[1].held.bytes);
      return ok({
        room: place.room,
        take: (bytes) => {
          const full = both.find(({ held, most }) => held.bytes + bytes > most.bytes);
          if (full !== undefined) {
            const { whose, most } = full;
            return busyRefusal(`This ${whose} has ${most.bytes / 2 ** 20} MiB of requests at once.`, 1);
          }
          taken += bytes;
          inAll.add(bytes);
          for (const { held } of both) held.bytes += bytes;
          return null;
        },
        release: () => {
          for (const { held } of both) {
            held.requests -= 1;
            held.bytes -= taken;
          }
          inAll.add(-taken);
          taken = 0;
        },
      });
    },
  };
};

/** A request that waits for room: the bytes that its group holds, and its order. */
type Waiting = { readonly held: () => number; readonly place: number; readonly go: () => void };

/** Requests that wait for room. */
const queueForRoom = (most: number) => {
  let bytes = 0;
  let entered = 0;
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | null = null;
  const next = (): void => {
    timer = null;
    const inOrder = [...waiting].toSorted(
      (one, other) => one.held() - other.held() || one.place - other.place,
    );
    for (const each of bytes < most ? inOrder : inOrder.slice(0, 1)) {
      waiting.delete(each);
      each.go();
    }
    schedule();
  };
  const schedule = (): void => {
    if (waiting.size > 0) timer ??= setTimeout(next, everyMs);
  };
  return {
    add: (more: number): void => void (bytes += more),
    /** `held`: the bytes that the request's group holds. */
    enter: (held: () => number) => {
      const place = (entered += 1);
      return {
        room: (): Promise<void> | null => {
          if (bytes < most || held() <= ownBytes) return null;
          return new Promise((go) => {
            waiting.add({ held, place, go });
            schedule();
          });
        },
      };
    },
  };
};
