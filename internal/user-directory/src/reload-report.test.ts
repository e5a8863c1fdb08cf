import { expect, test } from "vitest";
import { renderReport } from "./reload-report.ts";
import { usersFixture } from "./users.fixture.ts";

test.each([
  { what: "that is not there", text: null, says: "is not there: 0 users, nothing changed." },
  { what: "that is empty", text: "", says: "is empty: 0 users, nothing changed." },
  { what: "of nobody", text: "users: []\n", says: "was read: 0 users, nothing changed." },
])("a host that knows nobody says of a users.yaml $what what it is", async ({ text, says }) => {
  const fixture = await usersFixture();
  if (text !== null) fixture.write(text);
  expect(renderReport(await fixture.users.reload())).toBe(`${fixture.usersFile} ${says}`);
});
