"""Top-level domains under which people have addresses: all of countries, and the general ones in wide use (IANA's root zone)."""

from __future__ import annotations

# A list and not any word, because `a@b.shape` multiplies matrices.
TOP_DOMAINS = frozenset(
    """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl
    cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs
    gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu
    lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl
    pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn
    to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw com org net edu gov mil int arpa info biz name pro
    aero coop museum mobi travel jobs cat tel asia post academy agency app art blog build business cafe center city cloud club codes
    coffee community company computer consulting design dev digital directory download email energy engineer engineering enterprises
    events expert family finance foundation fund fyi games global group guide guru health help host hosting house institute
    international ist kim land law legal life limited link live llc ltd market marketing media moe money network news ngo nyc one ong
    online page partners party photo photography plus press productions review rocks run scot security services shop site social
    software solutions space store studio support swiss systems team tech technology tips tokyo tools top training university ventures
    video vip website wiki work works world wtf xxx xyz zone berlin bzh cologne hamburg koeln london paris wien amsterdam brussels
    vlaanderen google amazon apple microsoft ibm
    """.split()
)
