import { describe, expect, test } from "vitest";
import type { RecordedSessions } from "./user-sessions.ts";

/** What any part behind the port holds to. `open` gives one in which nobody has a session. */
export const describeUserSessions = (what: string, open: () => Promise<RecordedSessions>): void => {
  describe(`the sessions of people, ${what}`, () => {
    test("a session whose turn is running ends with that turn, and the next message begins another", async () => {
      const sessions = await open();
      const first = sessions.beginTurn("telegram:1");
      await sessions.endSessions("telegram:1", "after-turn");
      expect(sessions.sessionOf("telegram:1")).toBe(first);
      sessions.endTurn("telegram:1");
      expect(sessions.sessionOf("telegram:1")).toBeNull();
      expect(sessions.beginTurn("telegram:1")).not.toBe(first);
    });

    test("a session between two turns ends at once", async () => {
      const sessions = await open();
      sessions.beginTurn("telegram:1");
      sessions.endTurn("telegram:1");
      await sessions.endSessions("telegram:1", "after-turn");
      expect(sessions.sessionOf("telegram:1")).toBeNull();
    });

    test("a turn that nobody asked to end leaves its session open", async () => {
      const sessions = await open();
      const first = sessions.beginTurn("telegram:1");
      sessions.endTurn("telegram:1");
      expect(sessions.beginTurn("telegram:1")).toBe(first);
    });

    test("asked twice, or for somebody without a session, it is nothing more", async () => {
      const sessions = await open();
      await sessions.endSessions("telegram:2", "after-turn");
      sessions.beginTurn("telegram:1");
      await sessions.endSessions("telegram:1", "after-turn");
      await sessions.endSessions("telegram:1", "after-turn");
      sessions.endTurn("telegram:1");
      const next = sessions.beginTurn("telegram:1");
      sessions.endTurn("telegram:1");
      expect(sessions.sessionOf("telegram:1")).toBe(next);
    });

    test("whoever is refused is ended within their turn, and let in by nothing but admit", async () => {
      const sessions = await open();
      sessions.beginTurn("telegram:1");
      await sessions.refuse("telegram:1");
      expect(sessions.sessionOf("telegram:1")).toBeNull();
      expect(sessions.beginTurn("telegram:1")).toBeNull();
      await sessions.endSessions("telegram:1", "after-turn");
      expect(sessions.beginTurn("telegram:1")).toBeNull();
      await sessions.admit("telegram:1");
      expect(sessions.beginTurn("telegram:1")).not.toBeNull();
    });

    test("nobody else is touched, also where one id begins another", async () => {
      const sessions = await open();
      const other = sessions.beginTurn("telegram:12");
      await sessions.endSessions("telegram:1", "after-turn");
      await sessions.refuse("telegram:1");
      sessions.endTurn("telegram:12");
      expect(sessions.beginTurn("telegram:12")).toBe(other);
    });
  });
};
