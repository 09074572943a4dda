#include "telemetry/page/assets.hpp"

namespace ingestor::telemetry::page {

// Every colour of text has a contrast of 4.5 or more on each ground it stands on, in both schemes.
const std::string_view style = R"css(
:root{color-scheme:light dark;--ground:#f5f6f8;--card:#fff;--text:#1a1f26;--quiet:#535c67;
--line:#dde1e6;--soft:#eef0f3;--accent:#0a5cb0;--fill:#0a5cb01f;--good:#116a34;--wait:#855000;
--bad:#b4141f;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media(prefers-color-scheme:dark){:root{--ground:#0c1015;--card:#151a21;--text:#e4e9ef;
--quiet:#9aa5b1;--line:#2a323c;--soft:#1d242d;--accent:#73b3ff;--fill:#73b3ff26;--good:#52cf74;
--wait:#e2ae3c;--bad:#ff857c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;background:var(--ground);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
body{margin:0 auto;max-width:76rem;padding:1.25rem 1.25rem 3rem}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.2rem}
h1,h2,p,dl,dd,ul,figure{margin:0}
h2{font-size:1.0625rem;line-height:1.3}
bdi,code{overflow-wrap:anywhere;font-family:var(--mono);font-size:.92em}
i{font:600 .78em var(--mono);border:1px solid;border-radius:.2rem;padding:0 .2em;margin:0 .1em;
color:var(--wait)}
.quiet{color:var(--quiet)}
.good{color:var(--good)}.wait{color:var(--wait)}.bad{color:var(--bad)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);
padding:.3rem .6rem;z-index:1}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline;margin-bottom:1rem}
h1{font-size:1.125rem;letter-spacing:-.01em;display:flex;align-items:center;gap:.5rem}
h1 svg{width:1.35rem;height:1.35rem;fill:var(--accent)}
header p{min-width:0;color:var(--quiet);font-size:.9rem}
header nav{margin-left:auto;font-size:.9rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;
padding:1.1rem 1.25rem;margin-top:1rem;min-width:0}
section>h2{display:flex;flex-wrap:wrap;gap:.1rem .75rem;align-items:baseline;margin-bottom:.75rem}
h2 small{font-weight:400;font-size:.875rem;color:var(--quiet)}
.hero{border-left:.4rem solid currentColor;margin-top:0}
.hero>*{color:var(--text)}
.hero h2{margin:0;color:inherit;font-size:1.75rem;line-height:1.2;letter-spacing:-.02em;
font-weight:650}
.hero>p{margin-top:.3rem;max-width:60rem}
.hero>.quiet{color:var(--quiet);font-size:.875rem;margin-top:.6rem}
.hero ul{list-style:none;padding:0;margin-top:.75rem;border-top:1px solid var(--line)}
.hero li{padding:.45rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.hero li:last-child{border:0;padding-bottom:0}
.hero li b{font-weight:600}
.dot::before{content:"";display:inline-block;width:.6em;height:.6em;border-radius:50%;
background:currentColor;margin-right:.5em}
.live-mark{display:none;margin-left:.5rem}.live .live-mark{display:inline-block}
.tiles{display:grid;grid-template-columns:repeat(6,1fr);gap:1px;background:var(--line);
border:1px solid var(--line);border-radius:.75rem;overflow:hidden;margin-top:1rem}
.tiles>div{background:var(--card);padding:.75rem 1rem;min-width:0;display:flex;
flex-direction:column}
.tiles dt{font-size:.85rem;color:var(--quiet)}
.tiles dd{font-size:1.4rem;line-height:1.3;font-weight:600;letter-spacing:-.015em;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tiles dd small{font-size:.85rem;font-weight:400;letter-spacing:0;color:var(--quiet);
display:block}
.small dd{font-size:1.05rem}
.charts{display:grid;grid-template-columns:repeat(4,1fr);gap:1.5rem}
figure{min-width:0}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;
gap:0 .75rem;font-size:.85rem;color:var(--quiet)}
figcaption b{flex-basis:100%;font-size:1.25rem;color:var(--text);font-weight:600;
font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.plot{position:relative;margin-top:.35rem;font-size:.75rem;color:var(--quiet)}
.plot svg{display:block;width:100%;height:5.5rem;border-top:1px dashed var(--line);
border-bottom:1px solid var(--quiet);overflow:visible}
.plot path{fill:var(--fill);stroke:var(--accent);stroke-width:1.5;vector-effect:non-scaling-stroke;
stroke-linejoin:round}
.plot .half{stroke:var(--line);stroke-dasharray:3 3;stroke-width:1;fill:none}
.plot .top{display:block;line-height:1.4}
.plot .hours{display:flex;justify-content:space-between;padding-top:.15rem}
.empty{color:var(--quiet)}
table{border-collapse:collapse;width:100%;font-size:.925rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);font-size:.875rem;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;
border-top:1px solid var(--line);min-width:0}
thead th{border-top:0;font-weight:500;font-size:.85rem;color:var(--quiet);padding-top:0;
white-space:nowrap}
tbody th{font-weight:500}
th:last-child,td:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap}
td small{color:var(--quiet);font-size:.85rem;display:block}
.nowrap{white-space:nowrap}
.fetchers th:first-child{width:3rem}.fetchers td:nth-child(2){width:15.25rem}
.fetchers td:nth-child(4){width:11rem}.fetchers td:nth-child(5){width:6rem}
.fetchers td:nth-child(6){width:4.5rem}
progress{appearance:none;border:0;width:100%;height:.5rem;border-radius:.25rem;overflow:hidden;
background:var(--soft);display:block;margin:.45rem 0 .2rem;color:var(--accent)}
progress::-webkit-progress-bar{background:var(--soft);border-radius:.25rem}
progress::-webkit-progress-value{background:var(--accent);border-radius:.25rem}
progress::-moz-progress-bar{background:var(--accent);border-radius:.25rem}
.list{list-style:none;padding:0}
.list>li{padding:.8rem 0;border-top:1px solid var(--line)}
.list>li:first-child{border-top:0;padding-top:0}.list>li:last-child{padding-bottom:0}
.list h3{margin:0;font-size:.95rem;font-weight:600;line-height:1.45}
.list p{margin-top:.2rem;overflow-wrap:anywhere}
.why{white-space:pre-wrap}
.list .meta{font-size:.875rem;color:var(--quiet)}
.list ul{list-style:disc;padding-left:1.2rem;margin-top:.25rem}
.list ul li{overflow-wrap:anywhere}
.list ul li::marker{color:var(--quiet)}
code{background:var(--soft);border-radius:.3rem;padding:.1em .4em}
.more{margin-top:.8rem;font-size:.875rem;color:var(--quiet)}
.beside{display:grid;grid-template-columns:minmax(0,2fr) minmax(14rem,1fr);gap:2rem}
footer{margin-top:1.25rem;font-size:.875rem;color:var(--quiet)}
@media(max-width:64rem){.tiles{grid-template-columns:repeat(3,1fr)}
.charts{grid-template-columns:1fr 1fr}}
@media(max-width:44rem){body{padding:.75rem .75rem 2rem}section{padding:.9rem 1rem}
.tiles{grid-template-columns:1fr 1fr}.tiles>div{padding:.55rem .65rem}.tiles dd{font-size:1.1rem}
.cards .none{display:none!important}
.hero h2{font-size:1.45rem}.beside{grid-template-columns:minmax(0,1fr);gap:1.25rem}
header nav{margin-left:0}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards,.cards tbody,.cards caption,.cards tr{display:block}
.cards tr{padding:.7rem 0;border-top:1px solid var(--line)}
.cards tbody tr:first-child{border-top:0}.cards tr:last-child{padding-bottom:0}
.cards th,.cards td,.fetchers td:nth-child(n){display:grid;grid-template-columns:6.5rem minmax(0,1fr);
border:0;padding:.12rem 0;text-align:left;width:auto;white-space:normal}
.cards td::before,.cards th[scope=row]::before{content:attr(data-label);color:var(--quiet);
font-weight:400;font-size:.85rem}}
@media(max-width:30rem){.charts{grid-template-columns:1fr;gap:1.1rem}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}
.live .live-mark::before{animation:pulse 2.5s ease-in-out infinite}}
@keyframes pulse{50%{opacity:.35}}
@media print{:root{--ground:#fff;--card:#fff;--text:#000;--quiet:#444;--line:#bbb;--soft:#eee;
--accent:#0a5cb0;--fill:#0a5cb01f;--good:#116a34;--wait:#855000;--bad:#b4141f}
html{font-size:11px;print-color-adjust:exact}body{max-width:none;padding:0}
nav,.skip,.live-mark{display:none!important}section,.list>li,tr,figure{break-inside:avoid}
h2{break-after:avoid}}
)css";

}  // namespace ingestor::telemetry::page
