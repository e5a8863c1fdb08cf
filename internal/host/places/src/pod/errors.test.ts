import { expect, test } from "vitest";
import { mendOf } from "./errors.ts";

test.each([
  { code: "image-name", says: "Fix: mend it (gatehouse up --kubernetes-image)." },
  { code: "volume", says: "Fix: mend it (gatehouse up --pod-template)." },
  { code: "not-connected", says: "Fix: mend it (gatehouse up --agents-dial and --listen)." },
  { code: "out-of-memory", says: "Fix: mend it." },
])("names the flag of the host that mends $code, if one does", ({ code, says }) => {
  expect(mendOf({ code, message: "", fix: "mend it", patienceMs: 0 })).toBe(says);
});
