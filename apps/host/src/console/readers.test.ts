// @module-tag rest
import { describe, expect, test } from "vitest";
import { endHost } from "../up/echo-group.fixture.ts";
import { consoleHost, faultsOf, noFaults, program, startChromium } from "./chromium.fixture.ts";

describe.runIf(program !== "")("a page of the console in Chromium", { tags: ["slow"] }, () => {
  const opened = startChromium();

  const views = [
    { view: "light, 320 pixels", colorScheme: "light", width: 320, text: "100%" },
    { view: "dark, 320 pixels", colorScheme: "dark", width: 320, text: "100%" },
    { view: "light, 1440 pixels", colorScheme: "light", width: 1440, text: "100%" },
    { view: "dark, 900 pixels", colorScheme: "dark", width: 900, text: "100%" },
    { view: "light, text at 200 %", colorScheme: "light", width: 900, text: "200%" },
    { view: "dark, 320 pixels, text at 200 %", colorScheme: "dark", width: 320, text: "200%" },
  ] as const;
  test.each(views)(
    "has no serious fault for a reader of any page: $view",
    async ({ colorScheme, width, text }) => {
      const { host, say, link } = await consoleHost();
      const page = await opened({ colorScheme, viewport: { width, height: 700 } });
      // As a reader's own setting, before each page is drawn.
      await page.addInitScript(`
        addEventListener("DOMContentLoaded", () => { document.documentElement.style.fontSize = "${text}"; });
      `);
      const at = link();
      const { origin } = new URL(at);
      await page.goto(`${origin}/sign-in`);
      const faults = { "/sign-in": await faultsOf(page) };
      await page.goto(at);
      await page.waitForURL("**/waiting");
      say('/tool Bash {"command":"npm test"}');
      await page.locator("section.card").waitFor();
      for (const path of [
        "/waiting",
        "/talk",
        "/usage",
        "/usage?by=model",
        "/search?q=npm",
        "/agents",
        "/groups",
        "/sessions",
        "/people",
        "/decisions",
        "/health",
        "/proc/nowhere",
      ]) {
        await page.goto(`${origin}${path}`);
        Object.assign(faults, { [path]: await faultsOf(page) });
      }
      for (const path of ["/groups", "/sessions"]) {
        await page.goto(`${origin}${path}`);
        await page.locator("td a").first().click();
        await page.locator("summary").first().click();
        Object.assign(faults, { [`one of ${path}`]: await faultsOf(page) });
      }
      await page.goto(`${origin}/waiting`);
      await page.getByText("Always allow…").click();
      Object.assign(faults, { always: await faultsOf(page) });
      await page.goto(`${origin}/health`);
      await page.getByRole("button", { name: "Run the checks" }).click();
      await page.getByRole("button", { name: "Run them again" }).waitFor();
      Object.assign(faults, { checked: await faultsOf(page) });
      await page.goto(`${origin}/waiting`);
      await page.getByLabel("Reason (sent with Reject)").fill("not now");
      await page.getByRole("button", { name: "Reject" }).click();
      await page.locator("details.done summary").click();
      Object.assign(faults, { answered: await faultsOf(page) });
      expect(faults).toEqual(Object.fromEntries(Object.keys(faults).map((path) => [path, noFaults])));
      await endHost(host);
    },
  );
});
