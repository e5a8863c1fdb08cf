import { expect, test } from "vitest";
import { renderReport } from "./reload-report.ts";
import { usersFixture } from "./users.fixture.ts";

test.each([
  { what: "a missing users.yaml", text: null, says: "is not there: 0 users, nothing changed." },
  { what: "an empty users.yaml", text: "", says: "is empty: 0 users, nothing changed." },
  {
    what: "a users.yaml with an empty list",
    text: "users: []\n",
    says: "was read: 0 users, nothing changed.",
  },
])("the report of a host without users names $what", async ({ text, says }) => {
  const fixture = await usersFixture();
  if (text !== null) fixture.write(text);
  expect(renderReport(await fixture.users.reload())).toBe(`${fixture.usersFile} ${says}`);
});
