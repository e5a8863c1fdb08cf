import { expect, test } from "vitest";
import { ownerStanding, scopeFor } from "./owner-standing.ts";

const owners = new Set(["telegram:1"]);
const dm = (userId: string | null) => ({ isDirect: true, userId });
const room = { isDirect: false, userId: null };

test.each([
  { chats: [dm("telegram:1")], standing: "owner", scope: "global" },
  { chats: [dm("telegram:1"), dm("telegram:1")], standing: "owner", scope: "global" },
  { chats: [dm("telegram:1"), room], standing: "in-doubt", scope: "group" },
  { chats: [dm("telegram:1"), dm("telegram:2")], standing: "in-doubt", scope: "group" },
  { chats: [dm("telegram:1"), dm(null)], standing: "in-doubt", scope: "group" },
  { chats: [dm(null)], standing: "in-doubt", scope: "group" },
  { chats: [dm("telegram:2")], standing: "other", scope: "group" },
  { chats: [{ isDirect: false, userId: "telegram:1" }], standing: "other", scope: "group" },
  { chats: [room], standing: "other", scope: "group" },
  { chats: [], standing: "other", scope: "group" },
] as const)("$chats: $standing, $scope", ({ chats, standing, scope }) => {
  expect(ownerStanding(chats, owners)).toBe(standing);
  expect(scopeFor(standing)).toBe(scope);
});

test("where nobody is owner nothing is in doubt", () =>
  expect(ownerStanding([dm(null)], new Set())).toBe("other"));
