import { describe, expect, test } from "vitest";
import { userIdProblem } from "./direct-chat.ts";

describe("the id of a user", () => {
  test.for([
    "local:ada",
    "telegram:7",
    "signal:+4930123",
    "slack:T1:U2",
    "slack:T1:W2",
    "discord:80351110224678912",
    "teams:a:b",
  ])("may be %s", (id) => expect(userIdProblem(id)).toBeNull());

  test.for([
    { id: "ada", says: "it is CHANNEL:HANDLE" },
    { id: "telegram:", says: "it is CHANNEL:HANDLE" },
    { id: "telegram:@ada", says: "as in telegram:123456." },
    { id: "telegram:-1001", says: "as in telegram:123456." },
    { id: "slack:U2", says: "as in slack:T1:U2." },
    { id: "slack:T1:C2", says: "as in slack:T1:U2." },
    { id: "discord:ada", says: "as in discord:80351110224678912." },
    { id: "discord:@me:7", says: "as in discord:80351110224678912." },
  ])("is not $id, which no person has", ({ id, says }) => expect(userIdProblem(id)).toContain(says));
});
