import { describe, expect, test } from "vitest";
import { handleIn, userIdProblem } from "./user-ids.ts";

describe("the id of a user", () => {
  test.for([
    "local:ada",
    "telegram:7",
    "signal:+4930123",
    "slack:T1:U2",
    "slack:T1:W2",
    "discord:80351110224678912",
    "teams:a:b",
    "ms_teams:a",
    "constructor:a",
  ])("may be %s", (id) => expect(userIdProblem(id)).toBeNull());

  test.for([
    { id: "ada", says: "it is CHANNEL:HANDLE" },
    { id: "telegram:", says: "it is CHANNEL:HANDLE" },
    { id: "local::ada", says: "it is CHANNEL:HANDLE" },
    { id: "telegram:@ada", says: "as in telegram:123456." },
    { id: "telegram:-1001", says: "as in telegram:123456." },
    { id: "telegram:0", says: "as in telegram:123456." },
    { id: "slack:U2", says: "as in slack:T1:U2." },
    { id: "slack:T1:C2", says: "as in slack:T1:U2." },
    { id: "discord:ada", says: "as in discord:80351110224678912." },
    { id: "discord:42", says: "as in discord:80351110224678912." },
    { id: "discord:803511102246789121234", says: "as in discord:80351110224678912." },
    { id: "discord:@me:7", says: "as in discord:80351110224678912." },
  ])("is not $id, which no person has", ({ id, says }) => expect(userIdProblem(id)).toContain(says));
});

test.for([
  { id: "telegram:7", handle: "7" },
  { id: "telegram:ada", handle: null },
  { id: "discord:7", handle: null },
  { id: "7", handle: null },
])("the handle on Telegram of $id is $handle", ({ id, handle }) =>
  expect(handleIn("telegram", id)).toBe(handle),
);
