import { colours, colourText } from "./tokens.ts";

/** As it is sent: each rule without the blanks that only its source needs. */
const small = (source: string): string =>
  source
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{};,]) ?/g, "$1")
    .replaceAll(": ", ":")
    .replaceAll(" > ", ">")
    .replaceAll(";}", "}")
    .trim();

/** The one stylesheet, for light and dark, from 320 px on, with text of any size. */
export const style: string = small(`
:root { color-scheme: light dark; ${colourText(colours.light)};
  --s1: .25rem; --s2: .5rem; --s3: .75rem; --s4: 1rem; --s5: 1.5rem; --s6: 2.5rem;
  --small: .8125rem; --large: 1.0625rem; --title: 1.375rem; --round: .5rem;
  --mono: ui-monospace, Menlo, Consolas, monospace; }
@media (prefers-color-scheme: dark) { :root { ${colourText(colours.dark)} } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; font: .9375rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
:focus-visible { outline: .1875rem solid var(--link); outline-offset: .125rem; border-radius: .25rem; }
a { color: var(--link); text-underline-offset: .15em; }
h1, h2, p, dl, ul, ol, pre, figure { margin: 0; }
h1 { font-size: var(--title); line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: var(--large); line-height: 1.35; overflow-wrap: anywhere; }
code, pre { font-family: var(--mono); font-size: .875em; }
code { overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.small { font-size: var(--small); }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--s4); padding: 0 max(var(--s4), 50vw - 41rem); background: var(--paper); border-bottom: 1px solid var(--line); }
.mark { display: inline-flex; align-items: center; gap: var(--s2); padding: var(--s3) 0; font-weight: 650; color: var(--ink); text-decoration: none; }
.mark svg { width: 1.375rem; height: 1.375rem; flex: none; }
.bar nav { display: flex; flex: 1 1 34rem; min-width: 0; overflow-x: auto; scrollbar-width: none; }
.bar nav a { display: inline-flex; align-items: center; gap: .375rem; padding: var(--s3) .625rem; white-space: nowrap; color: var(--quiet); text-decoration: none; border-bottom: .125rem solid transparent; outline-offset: -.1875rem; }
.bar nav a:hover { color: var(--ink); }
.bar nav a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--fill); }
.badge { min-width: 1.25rem; padding: 0 .375rem; border-radius: 1rem; background: var(--waitbg); color: var(--wait); font-size: .75rem; font-weight: 650; line-height: 1.25rem; text-align: center; }
.me { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s3); margin-left: auto; font-size: var(--small); }
.me a { color: inherit; }
main { max-width: 84rem; margin: 0 auto; padding: var(--s5) var(--s4) 4rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--s4); }
.two { display: grid; gap: var(--s4) var(--s5); grid-template-columns: minmax(0, 1fr); align-items: start; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--s2) var(--s4); }
.list, .talk, .always ul { list-style: none; padding: 0; }
.list, .talk, .part, .card, .box, .always ul { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--s2); }
.part { gap: var(--s3); margin-top: var(--s4); }
.actions { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s4); align-items: center; }

.card, .box, .wide { background: var(--paper); border: 1px solid var(--line); border-radius: var(--round); }
.card, .box { padding: var(--s4); gap: var(--s3); }
.ask { border-left: .25rem solid var(--wait); }
.card pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: var(--small); line-height: 1.5; color: var(--quiet); }
.card .what { padding: var(--s3) var(--s4); border-radius: .375rem; background: var(--soft); color: var(--ink); font-size: 1.125rem; line-height: 1.45; }
.card .what.long { font-size: .875rem; }
.what .field, .what .sign { color: var(--quiet); font-size: .8em; }
.line { display: block; white-space: break-spaces; padding-left: 2ch; text-indent: -2ch; }
.quoted { border-left: .1875rem solid var(--edge); padding-left: 3ch; }
.flag, a.button { white-space: nowrap; text-decoration: none; }
.fresh button { pointer-events: none; border-style: dashed; }
.options, .filters, .say { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s3); align-items: end; }
.reason { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: end; flex: 1 1 22rem; }
.reason label { flex: 1 1 12rem; }
.always { flex: 1 0 auto; max-width: 100%; }
.always[open] { flex-basis: 100%; order: 1; }
.always ul { padding: var(--s3) 0 0; }
.always li { display: grid; justify-items: start; gap: var(--s2); padding: var(--s3); border: 1px solid var(--line); border-radius: .375rem; }
.always pre { padding: var(--s2) var(--s3); background: var(--soft); border-radius: .25rem; color: var(--ink); width: 100%; }
details.done { background: var(--paper); border: 1px solid var(--line); border-radius: var(--round); }
.done > summary { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s3); align-items: baseline; padding: var(--s3) var(--s4); color: inherit; }
.done > summary code { flex: 1 1 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.done > div { display: grid; gap: var(--s2); padding: 0 var(--s4) var(--s4); }
.whole { white-space: nowrap; }
.done pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: var(--s2) var(--s3); background: var(--soft); border-radius: .25rem; }

label { font-size: var(--small); color: var(--quiet); display: grid; gap: var(--s1); }
.filters label { flex: 1 1 10rem; max-width: 16rem; }
.head .filters { flex: 1 1 24rem; justify-content: end; }
[role=search] label { max-width: 32rem; flex-basis: 18rem; }
input, select, textarea { font: inherit; font-size: .9375rem; width: 100%; min-height: 2.5rem; padding: .375rem .625rem; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: .375rem; }
button, .button { font: inherit; font-weight: 550; min-height: 2.5rem; padding: .375rem .875rem; border: 1px solid var(--edge); border-radius: .375rem; background: var(--paper); color: var(--ink); cursor: pointer; max-width: 100%; overflow-wrap: anywhere; text-align: left; }
button:hover { background: var(--soft); }
.primary { background: var(--fill); border-color: var(--fill); color: var(--onfill); }
.primary:hover { background: var(--fill); }
.danger { border-color: var(--bad); color: var(--bad); }
.me button { min-height: 2rem; padding: 0 .625rem; font-size: var(--small); }
summary { cursor: pointer; color: var(--link); min-height: 2rem; align-content: center; }
summary.button { display: inline-block; min-height: 2.5rem; color: var(--ink); }
.id { font: var(--small) var(--mono); color: var(--quiet); white-space: nowrap; }
.copy { position: relative; min-height: 1.5rem; width: 1.5rem; padding: 0; margin-left: .125rem; vertical-align: middle; border: 0; background: none; }
.copy::before, .copy::after { content: ""; position: absolute; left: .3rem; top: .3rem; width: .625rem; height: .75rem; border: 1.5px solid var(--quiet); border-radius: .125rem; }
.copy::after { left: .5rem; top: .5rem; background: var(--paper); }
.copy.done::after { background: var(--ok); border-color: var(--ok); }

.state { font-weight: 550; white-space: nowrap; color: var(--off); }
.state::before { content: ""; display: inline-block; width: .625rem; height: .625rem; margin-right: .4375rem; vertical-align: -.0625rem; border: .125rem solid; border-radius: 50%; }
.ok, .wait, .bad { color: var(--ok); }
.ok::before { background: currentColor; }
.wait { color: var(--wait); }
.wait::before { background: linear-gradient(90deg, currentColor 50%, transparent 50%); }
.bad { color: var(--bad); }
.bad::before { background: currentColor; border-radius: 0; rotate: 45deg; scale: .85; }

.said { border-left: .25rem solid var(--link); border-radius: .25rem; padding: var(--s3) var(--s4); background: var(--paper); overflow-wrap: anywhere; white-space: pre-wrap; }
.said.refused { border-color: var(--bad); background: var(--badbg); }
.trouble-bar { position: sticky; top: 0; z-index: 1; max-width: 84rem; margin: 0 auto; padding: 0 var(--s4); }
.empty { padding: var(--s5) var(--s4); text-align: center; color: var(--quiet); background: var(--paper); border: 1px dashed var(--line); border-radius: var(--round); }

.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th { font-size: var(--small); font-weight: 600; color: var(--quiet); background: var(--soft); white-space: nowrap; }
th, td { text-align: left; padding: .625rem var(--s4); border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td a { font-weight: 550; text-decoration: none; }
time { white-space: nowrap; }
.gauge { width: 5rem; height: .5rem; vertical-align: baseline; }
.gauge .rest { fill: var(--soft); }
mark { background: var(--waitbg); color: inherit; font-weight: 600; border-radius: .125rem; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); gap: var(--s2) var(--s5); }
dl.box { grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); }
dt { color: var(--quiet); }
dt::first-letter { text-transform: uppercase; }
dd { margin: 0; overflow-wrap: anywhere; }
.tabs { display: flex; flex-wrap: wrap; gap: var(--s1); }
.tabs a { padding: var(--s1) var(--s3); border-radius: 2rem; color: var(--quiet); text-decoration: none; border: 1px solid var(--line); background: var(--paper); min-height: 2rem; }
.tabs a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--edge); background: var(--soft); }

.talk { gap: var(--s3); }
.talk > li { max-width: 44rem; overflow-wrap: anywhere; }
.talk > .own, .talk > .agent { padding: var(--s2) var(--s4) var(--s3); border: 1px solid var(--line); border-radius: var(--round); background: var(--paper); }
.talk > .own { margin-left: auto; background: var(--okbg); border-color: transparent; }
.talk > .host { padding-left: var(--s4); border-left: .1875rem solid var(--line); }
.talk .by { font-size: var(--small); color: var(--quiet); }
.own .by { color: inherit; }
.text, .writing { white-space: pre-wrap; overflow-wrap: anywhere; }
.writing { padding-left: var(--s4); border-left: .1875rem dotted var(--edge); color: var(--quiet); }
.say { padding: var(--s4); background: var(--paper); border: 1px solid var(--line); border-radius: var(--round); align-items: center; }
.say label { flex: 1 1 100%; }
.say label.file { flex: 1 1 14rem; }
input[type=file] { border-style: dashed; }
.ways { padding-left: 1.25rem; display: grid; gap: var(--s4); }
.way { list-style: none; padding: 0; margin-top: var(--s2); display: flex; flex-wrap: wrap; gap: var(--s2); }
.way li { border: 1px solid var(--line); border-radius: 1rem; padding: .125rem var(--s3); font-size: var(--small); background: var(--paper); overflow-wrap: anywhere; }
.way .reached { border-color: var(--ok); }
.way .next { border-style: dashed; border-color: var(--edge); }
.way .trouble { border-color: var(--bad); color: var(--bad); }
.screen { overflow-x: auto; padding: var(--s4); border-radius: var(--round); background: #1a1a1a; color: #ededed; font: .8125rem/1.35 var(--mono); }
.c0 { color: #9e9e9e; } .c1 { color: #ff8f80; } .c2 { color: #7ddc7d; } .c3 { color: #e0c860; }
.c4 { color: #8ab4f8; } .c5 { color: #e69cf0; } .c6 { color: #6fd6d6; } .c7 { color: #fff; }
.bold { font-weight: 700; } .faint { color: #b0b0b0; } .inverse { background: #ededed; color: #1a1a1a; }
.plots { display: grid; gap: var(--s4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
figcaption { font-size: var(--small); }
.plot { display: block; width: 100%; height: auto; }
.plot text { font-size: 11px; fill: var(--quiet); }
.plot .bars { fill: var(--ok); }
.plot .over { fill: var(--bad); }
.plot .grid { stroke: var(--line); fill: none; }
.plot .axis { stroke: var(--edge); fill: none; }
.plot .limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 6 3; fill: none; }
.plot .limit-text { fill: var(--bad); }
.door { max-width: 26rem; margin: 8vh auto 0; padding: var(--s5); }
@media (min-width: 75rem) { .two { grid-template-columns: minmax(0, 1fr) minmax(0, 30rem); } .two .part { margin: 0; } }
.plots .part { align-content: start; }
@media (max-width: 68rem) { .bar nav { order: 1; flex-basis: 100%; margin: 0 calc(-1 * var(--s4)); padding: 0 var(--s2); } }
@media (max-width: 37.5rem) {
  main { padding-top: var(--s4); }
  dl, dl.box { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: var(--s3); }
  button, summary.button, input, select { min-height: 2.75rem; }
  .bar nav { flex-wrap: wrap; }
  .options > .primary { flex: 1 1 auto; text-align: center; }
  .wide { border: 0; background: none; }
  .plot text { font-size: 16px; }
  thead { position: absolute; display: block; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody, tr { display: block; }
  tr { margin-bottom: var(--s3); padding: var(--s2) 0; background: var(--paper); border: 1px solid var(--line); border-radius: var(--round); }
  td { display: flow-root; padding: var(--s1) var(--s4); border: 0; text-align: right; overflow-wrap: anywhere; white-space: normal; }
  td::before { content: attr(data-label); float: left; margin-right: var(--s4); color: var(--quiet); font-size: var(--small); }
  td:first-child { font-size: var(--large); text-align: left; }
  td:first-child::before, td:empty { display: none; }
}
`);
