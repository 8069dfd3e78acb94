"""Everyday words: what release notes and English use so often that a sentence may use it where its entries do not."""

from __future__ import annotations

# Reviewed by people. The base are words that stand in at least 12 commit messages of at least three of five public projects.
EVERYDAY_WORDS = frozenset(
    """
    ability able abort absolute abstract accept access accessible accidentally according account accurate achieve across action
    activated active actual actually adapt add addition additional addresses adjust adjustments administrator advanced affected
    against agree ahead alias align allow alone along already altered alternative always amount analysis anchor animal animations
    annotated annotation another answer anything anyway api apis app apparently appear appears append application applied approach
    appropriate archive areas args argument around array arrive artifacts ascii ask assert assertion assets assign assignment
    assumed assumptions ast async attach attempt attribute attrs authentication author auto automated automatically available
    average avoid await aware away azure back backend backport backslashes backticks backwards bad badge bail bar bare based bash
    basic batch become begin behavior behind believe bell best beta better big bin binary binding bit blank block blog body book
    boolean bootstrap border bot bound box branch breakage breaking bring broad browser buffer bug bugfix build builder builtin bump
    bundle business busy button bytes cache calculation call callback cancel candidate capture carry case casting catch category
    cause centralize certain certificate chain change changelog chapter characters charge cheap check checkbox checker checkout
    cherry child choice choose chore chrome chunk circular city clarify clarity class classic clause clean cleaner cleanup clear
    clearer cli click client clock clone close closes cloud cmd code codebase cold colleague collect collection colon color colour
    column combination combined come comes comma command comment commit common company compare comparison compat compatibility
    compatible compilation compile complete completion complex complexity compliant computed computer concat concerns concurrency
    condition conditional config configurable configuration configured conflicts confusing confusion connection considered
    consistency consistent console consolidate constant constraint construct constructor consuming contain container content context
    continue contributing contribution contributors control convention conversion convert copy copyright core corner correct
    correction correctness corresponding count country couple cover coverage cpu crash create creation crowd currently custom
    customer customized cut cwd cycle daily dark dash data database date day dead deal death debug debugger decide decided
    declaration declared decoding decorator dedicated dedupe deep default deferred defined definition delay delegate delete deliver
    depend dependencies deploy deployment deprecated deprecation deps derived described description descriptor design designer desk
    details detect detection determine dev develop developer development device dictionary diff differences different differing
    digest dir direct directive directory disable disallow disappear discard discord discover discovery discussion display dist
    distribution docker dockerfile docs document documentation domain don dont door dot double down downgrade download draw drive
    drop dry due duplicate duplication duration dynamic earlier early easier easily easy eat edge edit effect effectively efficient
    elements eliminate email embedded emit empty enable encapsulate encoding encountered encourage end endpoint enforce engine
    enhance enough ensure enter entire entry enum env environment eol equal equivalent error errorhandler escape eslint especially
    evaluated even event everything exact example except exception exclude exclusion executable executed execution existence
    existing exit expanded expect expectations expected experimental explain explanation explicitly export expose expression extend
    extension external extra extract extraction eye face facilitate fact factory fail failures fall fallback false falsy family faq
    far fast faster father favor feat feature feedback feel fetch field file filename fill filter final find fine finger finish fire
    first fit fix fixture fixup flag flaky flexibility floor flow fly focus fold folder follow following font food footer force
    forget fork form format formatter forward found fragment free fresh friend front frozen full fun function functional
    functionality future game gap general generate generation generator generic getter getting git github gitlab give glass glob
    global going gone good google gracefully grammar graph great green grey ground group grow guarantees guard guess guest guide
    half hand handle handler hang happen happy hard hardcoded hash head header hear heart heavy help helper helpful hence hidden
    hide high higher highlights hints history hoist hold hole home hooks hope host hot hour house href html https hundred hydration
    ide idea identifier ids ignore image immediately impact implement implementation implicit import important importer improve
    improvements inch include inclusion incompatible inconsistency inconsistent incorrect increase incremental indent indentation
    independent index indicate infinite info inform information inherit inheritance init initial initialization initialize inject
    injection inline input insert inside inspection install installation instance instructions integrate integration intended
    intentionally interactive interface internal interpolation interpreted introduces introduction invalid invalidated invocation
    invoice invoked isolated issue item items iterate iteration javascript job join json jump keep key keyboard keyword kind know
    known label lack land language large largest last late later latest laugh lay layer layout lazy lead leak learn least leave left
    leftover legacy length less let letter level lib library license lie life lifecycle lift light likely limit limitation line link
    lint linter linux list listen literal little live loading local located location lock lockfile log logger logic logo long look
    lookup loop lose lost lot loud love low lower machine macos macro mail main maintain maintenance major make making manage
    management manager manifest manually map mark markdown markers master match matchers material matrix matter maximum mean means
    measure mechanism media meet member memory mention menu merge message metadata method middle migrate migration min mind minified
    minimal minimum minor minute misleading mismatch miss missing mistake mixed mobile mock mode model modern modernize modification
    modified modifiers module moment money monorepo month morning mostly motivation mount mouse mouth move multi multiple music
    mutating name namespace narrow native near neat necessary need needed negative nested network never newer newline newly next
    night nightly node noise non normal normalization normalize note notes nothing notice notify npm null number object obsolete
    occur offer office officially old older omit once open operations operator opt optimization optimize option optional order
    organisation organization origin original outdated output outside overhead overridden override overwrite owner package page pair
    paper parallel param parameter parent parser parsing part partial particularly pass password past patch path pattern pay pen
    people perf perfect perform performance period permissions persist person phase phone photo pick picked picture pictures piece
    pin pip pipeline place placeholder plain plan platform play please plenty plug plugin point policy polish polluting polyfills
    pool port position positive possible post potential pour power practices pre precedence precise preferred prefix prepare prepend
    preprocessor prerelease presence present preserve press pretty prevent preview previous previously price primary print prior
    prioritize priority private probably problem problematic process produce product production program programmatic progress
    project promise promote prompt propagate proper properly property protect protocol provide provider proxy prs public publish
    pull pure purpose push put pypi python quality query question queue quick quickly quickstart quiet quite quotes race rain raise
    random range rare rate raw reach read readability readable readme ready real reason rebase receive recent recognize recommended
    record recursion recursive red redirect reduce redundant ref refactor refer reference reflect reformat refresh refuse regarding
    regardless regex regexp registered registration registry regression regular reject relate related relative relax releases
    relevant reload rely remain remaining remember remote removal remove rename render renderer reorder reorganize repair repeat
    repeated replace replacement reply repo report repository represent request required requirements reserved reset resolution
    resolve resource respect response rest restore restrict restriction restructure result retain retrieval retrieve retry return
    reuse reveal reverse revert review reword rework rewrite rfc rid ride right ring rise road robust room root round route row rule
    run runner runtime safe safety sale same sample save say scaffold scale scenarios schedule schema scheme school scope screen
    script scroll sdist search season seat second secret section security see seem seems seen segment select selected selection
    selector self sell semantic semicolon semver send sense sentence separate separators seperate sequence serialization serialize
    series serve server service session set setting settings setup several sha shadow shape share shared sharp sheet shell ship
    short shorten shot should shouldn shout show shut side sign signal signature significantly silent similar simple simplify simply
    single sit site situation size skin skip sky slash sleep slide slightly slow small smaller smallest smile snow soft software
    solid solution solve something sort sound source south space speak spec special specific specification specified specifier speed
    spell spelling spend split spot spread spreadsheet spring src stable stack staff stage stale stand standalone standard
    standardize star start state statement static station status stay stderr stdout step stick still stop store story straight
    strategy stream street strength strict string strings strip strong structure stub student study stuff style sub subclass
    subdirectory subject submodule subsequent substitution successfully sudden suffix sugar suggested suggestions suit suite sum
    summer sun supply support suppress sure surface svg swapped switch symbol symlink sync syntax system tab table tag take talk
    tall tap tar target task taste teach team teardown technically tell temp template temporary term test text thank thanks theme
    therefore thick thin thing things think third though thought thread three throughout throw ticket tie tilde time timeout
    timestamp tiny tips title today todo together toggle token toml tomorrow tool top total touch towards town traces track tracking
    trailing train transfer transformation transition transitive travel traversal traverse travis treated tree trigger trim trip
    trouble true trust trusted try tsconfig tuple turn tweak twice two type typescript typical typically typo unchanged undefined
    under underlying underscore understand unexpected unfortunately unhandled unicode unify uninstall unintended union unique unit
    universal unknown unless unlike unnecessary unneeded unpin unreliable unset unsupported until unused unwrap upcoming update
    upgrade upload upper upstream url usage useful useless usual usually utility utilize utils valid validate validation validator
    value variable variant variety various vars verbose verify versions video view virtual visible visit voice vscode vulnerability
    wait walk wall want warm warning warnings wash watch water wave way weak wear web website week weight west wheel white whitelist
    whitespace whole wide wild wildcard win wind window windows wip wish woman won wonder wood word wording work workaround worker
    workflow workspace world worry worth wrap wrapper write wrong yarn year yellow yield young
    """.split()
)

# What people write in full, and what says it in a commit
ABBREVIATIONS = {
    line.split()[0]: frozenset(line.split()[1:])
    for line in """
    regex regular expression
    config configuration
    auth authentication authorisation authorization login
    authn authentication
    authz authorisation authorization
    db database
    env environment variable
    repo repository
    docs documentation
    param parameter
    params parameters
    arg argument
    args arguments
    dep dependency
    deps dependencies
    dir directory folder
    dirs directories folders
    admin administrator
    admins administrators
    sync synchronise synchronize
    perms permissions
    i18n translation language
    l10n translation language
    a11y accessibility
    ui interface
    gui interface
    stdin standard input
    stdout standard output
    cert certificate
    certs certificates
    offline internet connection network
    prefs preferences settings
    stats statistics
    temp temporary
    tz time zone
    async background
    info information
    spec specification
    dnd drag drop
    mic microphone
    cam camera
    wifi wireless
    pwd password
    impl implementation
    init initialisation initialization
    """.strip().splitlines()
}

# What says the same of anything: what was done to it and may be asked for, that it is there, how one gets it, and how many there are
NEUTRAL_WORDS = frozenset(
    """
    added addressed affected allowed changed closed corrected deprecated documented dropped fixed handled improved included introduced
    needed offered provided released removed renamed repaired replaced required resolved solved supported updated upgraded used
    accept additional already appear available become both bring call called change choose come contain cover deal default exist
    favor favour feature further gain give gone instead issue later learn longer look meet move name newer optional output people
    pick place possible problem provide release report run security show start take thing turn user value version work write bug also
    two three four five six seven eight nine ten eleven twelve
    """.split()
)
