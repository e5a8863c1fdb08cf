import { expect, test } from "vitest";
import { imageTag } from "./image-tag.ts";

const packages = { packages_apt: ["jq", "ffmpeg"], packages_npm: ["tool"] };
const tag = imageTag("sha256:0a", packages);

test("imageTag returns a valid image tag", () => expect(tag).toMatch(/^[0-9a-f]{32}$/));

test.each([
  {
    what: "another order",
    base: "sha256:0a",
    packages: { ...packages, packages_apt: ["ffmpeg", "jq"] },
    same: true,
  },
  {
    what: "a repeated package",
    base: "sha256:0a",
    packages: { ...packages, packages_npm: ["tool", "tool"] },
    same: true,
  },
  {
    what: "a missing package",
    base: "sha256:0a",
    packages: { ...packages, packages_apt: ["jq"] },
    same: false,
  },
  {
    what: "npm instead of apt",
    base: "sha256:0a",
    packages: { packages_apt: ["jq", "ffmpeg", "tool"], packages_npm: [] },
    same: false,
  },
  { what: "a new base", base: "sha256:0b", packages, same: false },
])("imageTag, for $what: the same tag is $same", ({ base, packages: others, same }) => {
  expect(imageTag(base, others) === tag).toBe(same);
});
