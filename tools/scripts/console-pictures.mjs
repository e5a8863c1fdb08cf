// node tools/scripts/console-pictures.mjs: draws the pictures of docs/console.md from a run of `gatehouse demo --console`.
// It needs chromium, and programs that are built from these sources: npm start.
import { Buffer } from "node:buffer";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./setup.mjs";

const { chromium } = createRequire(join(root, "apps/host/package.json"))("playwright-core");
const program = spawnSync("which", ["chromium"], { encoding: "utf8" }).stdout.trim();

const demo = spawn(process.execPath, [join(root, "apps/host/bin/gatehouse.js"), "demo", "--console"], {
  stdio: ["ignore", "pipe", "inherit"],
});
let said = "";
demo.stdout.setEncoding("utf8").on("data", (text) => (said += text));
const link = await new Promise((resolve, reject) => {
  demo.stdout.on("data", () => {
    const [found] = /http\S+#code=\S+/.exec(said) ?? [];
    if (found !== undefined) resolve(found);
  });
  demo.once("close", () => reject(new Error(`The demo ended:\n${said}`)));
});

/** Runs in the browser: a picture of text is a third as long as WebP. */
async function toWebp(url) {
  const { Image, document } = globalThis;
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.85);
}

// A browser as root has no sandbox of its own.
const browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 900, height: 830 }, colorScheme: "light" });
  const blank = await browser.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: "Allow once" }).waitFor();
  const draw = async (name) => {
    const png = await page.screenshot();
    const webp = await blank.evaluate(toWebp, `data:image/png;base64,${png.toString("base64")}`);
    const bytes = Buffer.from(webp.slice(webp.indexOf(",") + 1), "base64");
    writeFileSync(join(root, "docs", `console-${name}.webp`), bytes);
    process.stdout.write(`docs/console-${name}.webp: ${bytes.length} bytes\n`);
  };
  await draw("waiting");
  await page.getByRole("link", { name: "Talk" }).click();
  await page.getByRole("button", { name: "Allow once" }).waitFor();
  await draw("talk");
  await page.getByRole("link", { name: "Sessions" }).click();
  await page.locator("td a").first().click();
  await page.locator(".way").first().waitFor();
  await draw("session");
} finally {
  await browser.close();
  demo.kill("SIGINT");
  await once(demo, "close");
}
