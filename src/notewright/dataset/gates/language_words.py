"""Words that an answer about code may say though the code does not: keywords, built-in names, the best known of a library."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

_ANY = frozenset(
    "true false null none nil undefined nan inf infinity void int float double char bool boolean str string byte bytes number integer"
    " array list dict dictionary map set tuple object vector slice struct enum class interface trait type function method lambda closure"
    " if else elif then for while do switch case default break continue return yield try catch except finally throw throws raise with"
    " import export from package module public private protected static const let var new this self super in is not and or async await"
    " print get len length size args kwargs argv main foo bar baz qux example todo stdin stdout stderr ok utf ascii json yaml html http"
    " https url uri api cli".split()
)
# Of each language first what its code may always speak of: keywords, what is built in, the types that everybody knows. Then what its
# library brings, which an answer may use in an example of its own.
_PYTHON = (
    "and as assert async await break class continue def del elif else except finally for from global if import in is lambda match"
    " nonlocal not or pass raise return try while with yield True False None Ellipsis NotImplemented abs aiter all any ascii bin bool"
    " breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate eval exec filter float"
    " format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len list locals map max"
    " memoryview min next object oct open ord pow print property range repr reversed round set setattr slice sorted staticmethod str"
    " sum super tuple type vars zip BaseException Exception ArithmeticError AssertionError AttributeError BlockingIOError"
    " BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionError ConnectionRefusedError ConnectionResetError"
    " DeprecationWarning EOFError FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError"
    " ImportError IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError"
    " ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError PermissionError RecursionError"
    " ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SystemError SystemExit"
    " TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UserWarning ValueError Warning"
    " ZeroDivisionError Any Callable ClassVar Collection Container Coroutine Dict Final Generator Generic Iterable Iterator List"
    " Literal Mapping MutableMapping NamedTuple Optional Protocol Sequence Set Tuple Type TypedDict TypeVar Union Awaitable"
    " AsyncIterator dataclass field namedtuple defaultdict OrderedDict Counter deque Path Enum ABC abstractmethod contextmanager"
    " wraps lru_cache cached_property partial self cls JSONDecodeError CalledProcessError TimeoutExpired CancelledError QueueEmpty"
    " QueueFull InvalidOperation DictReader DictWriter StringIO BytesIO TextIOWrapper ArgumentParser ThreadPoolExecutor ThreadLocal"
    " MagicMock TestCase SimpleNamespace MappingProxyType __init__ __new__ __call__ __enter__ __exit__ __aenter__ __aexit__ __iter__"
    " __next__ __aiter__ __anext__ __len__ __getitem__ __setitem__ __delitem__ __contains__ __getattr__ __setattr__ __getattribute__"
    " __repr__ __str__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __bool__ __del__ __name__ __main__ __file__ __doc__"
    " __dict__ __class__ __all__ __slots__ __post_init__ __cause__ __context__ __traceback__ __version__ __annotations__ __module__"
    " __qualname__ __wrapped__ __mro__ __subclasses__ __import__ __get__ __set__ __await__ __add__ __or__ __missing__ __reduce__"
    " __getstate__ __setstate__ __copy__ __deepcopy__ __format__ __bytes__ __index__ __init_subclass__ __set_name__ __class_getitem__"
    " __package__ __path__ __spec__ __builtins__ __future__ __debug__"
)
_PYTHON_LIBRARY = (
    "append extend insert remove pop clear index count sort reverse copy keys values items get update setdefault popitem add discard"
    " union intersection difference join split rsplit splitlines strip lstrip rstrip startswith endswith replace find rfind lower"
    " upper casefold title encode decode isdigit isalpha partition rpartition read write readline readlines close seek flush send"
    " throw os sys re io json csv math time datetime random collections itertools functools operator pathlib typing logging"
    " subprocess threading asyncio contextlib dataclasses enum abc shutil tempfile hashlib base64 struct socket urllib http unittest"
    " pytest mypy argparse sqlite3 pickle string textwrap traceback warnings weakref uuid decimal fractions statistics loads dumps"
    " load dump match search fullmatch sub findall finditer group groups"
)
_SCRIPT = (
    "abstract any arguments as asserts async await break case catch class const constructor continue debugger declare default do else"
    " enum export extends finally for from function if implements import in infer instanceof interface is keyof let namespace never"
    " new null number object of out override private protected public readonly require return satisfies static string super switch"
    " symbol this throw true false try type typeof undefined union unique unknown var void while with yield NaN Infinity Array"
    " ArrayBuffer AbortController AbortSignal BigInt Blob Boolean Buffer DataView Date Element Error EvalError Event EventTarget"
    " FormData Function Generator Headers HTMLElement Iterable Iterator AsyncIterable JSON Map Math Node NodeList Number Object"
    " Promise PromiseLike Proxy RangeError ReferenceError Reflect RegExp Request Response Set String Symbol SyntaxError TextDecoder"
    " TextEncoder TypeError Uint8Array URIError URL URLSearchParams WeakMap WeakSet WebSocket Window Worker XMLHttpRequest Partial"
    " Required Readonly Record Pick Omit Exclude Extract NonNullable Parameters ReturnType InstanceType Awaited ReadonlyArray"
    " ReadonlyMap React JSX process env module exports prototype length message name stack cause done value nodejs js ts jsx tsx mjs"
    " cjs ESM CommonJS"
)
_SCRIPT_LIBRARY = (
    "console log warn error info debug document window global globalThis push pop shift unshift slice splice concat join map filter"
    " reduce reduceRight forEach find findIndex findLast includes indexOf lastIndexOf some every sort reverse flat flatMap fill keys"
    " values entries assign freeze create defineProperty hasOwnProperty hasOwn toString valueOf parse stringify parseInt parseFloat"
    " isNaN isFinite isArray isInteger toFixed charAt charCodeAt codePointAt substring substr split replace replaceAll match matchAll"
    " trim trimStart trimEnd padStart padEnd repeat startsWith endsWith toLowerCase toUpperCase then all allSettled race resolve"
    " reject call apply bind setTimeout clearTimeout setInterval clearInterval setImmediate queueMicrotask requestAnimationFrame"
    " fetch encodeURIComponent decodeURIComponent encodeURI decodeURI addEventListener removeEventListener preventDefault"
    " stopPropagation querySelector getElementById createElement floor ceil round max min abs random now getTime has get set add"
    " delete clear size next iterator asyncIterator useState useEffect useMemo useCallback useRef"
)
_GO = (
    "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return"
    " select struct switch type var append cap clear close complex copy delete imag len make max min new panic print println real"
    " recover any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8"
    " uint16 uint32 uint64 uintptr true false iota nil goroutine goroutines Error String Is As Unwrap Reader Writer ReadCloser EOF"
    " ErrUnexpectedEOF Context Done Err Canceled DeadlineExceeded Mutex RWMutex Lock Unlock WaitGroup Wait Once Duration Time"
    " Stringer Handler HandlerFunc Request Response ctx err init main gofmt gopls"
)
_GO_LIBRARY = (
    "Errorf Sprintf Printf Println Fprintf Fprintln Sprint Join New Read Write Close ReadAll Buffer Builder Background TODO"
    " WithCancel WithTimeout WithValue WithDeadline Deadline RLock RUnlock Add Do Map Pool Second Minute Hour Millisecond Microsecond"
    " Nanosecond Now Since Sleep Marshal Unmarshal Encoder Decoder NewDecoder NewEncoder ServeHTTP ResponseWriter Server Client"
    " Header StatusOK fmt errors io os bufio bytes strings strconv sync atomic context time net http json encoding sort slices maps"
    " math rand regexp path filepath log slog testing reflect runtime unsafe TB Fatal Fatalf Helper Run Cleanup"
)
_RUST = (
    "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref"
    " return self Self static struct super trait true type union unsafe use where while i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128"
    " usize f32 f64 bool char String Vec Option Some None Result Ok Err Box Rc Arc Cell Mutex Cow Iterator IntoIterator"
    " DoubleEndedIterator ExactSizeIterator Future Pin Poll Send Sync Sized Copy Clone Debug Display Default Drop Eq PartialEq Ord"
    " PartialOrd Hash From Into TryFrom TryInto AsRef AsMut Borrow Deref DerefMut Fn FnMut FnOnce ToString FromStr Error Read Write"
    " Path OsStr Duration Ordering Less Equal Greater Range PhantomData panic derive cfg test unwrap expect clone std core alloc"
    " BufRead Formatter Arguments Utf8Error ParseIntError Chars Lines Enumerate Zip Rev"
)
_RUST_LIBRARY = (
    "println print eprintln format write writeln vec todo unimplemented unreachable assert assert_eq assert_ne debug_assert matches"
    " allow deny inline must_use unwrap_or unwrap_or_else unwrap_or_default ok ok_or ok_or_else map map_err and_then or_else is_some"
    " is_none is_ok is_err iter iter_mut into_iter collect to_string to_owned as_ref as_mut as_str into from new default len push pop"
    " insert remove get get_mut contains contains_key next fmt eq cmp partial_cmp hash drop deref to_vec as_slice as_bytes into_inner"
    " into_boxed_slice from_utf8 from_str try_from try_into copied cloned enumerate zip rev filter fold sum product any all find"
    " position min_by_key max_by_key sort_by sort_by_key split_at trim lines chars bytes parse lock read_line read_to_string"
    " write_all flush spawn join send recv elapsed with_capacity extend io fs collections sync cell rc borrow ops str string option"
    " result thread time mem ptr serde tokio cargo clippy RefCell RwLock HashMap HashSet BTreeMap BTreeSet VecDeque PathBuf OsString"
    " Instant BufReader BufWriter Stdin Stdout File OpenOptions SystemTime AtomicBool AtomicUsize AtomicU64 Condvar Barrier"
    " JoinHandle Sender Receiver OnceLock OnceCell LazyLock NonZeroUsize TcpStream TcpListener BinaryHeap LinkedList Peekable"
)
_JAVA = (
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float"
    " for goto if implements import instanceof int interface long native new package private protected public record return sealed"
    " short static strictfp super switch synchronized this throw throws transient try var void volatile while yield true false null"
    " permits Object String StringBuilder StringBuffer Integer Long Short Byte Character Boolean Double Float Number Math System"
    " Thread Runnable Callable Iterable Iterator Comparable Comparator Collection Collections List ArrayList Map HashMap Set HashSet"
    " Queue Deque Arrays Objects Optional Stream Collectors Function BiFunction Supplier Consumer Predicate Exception"
    " RuntimeException Throwable Error IllegalArgumentException IllegalStateException NullPointerException IndexOutOfBoundsException"
    " UnsupportedOperationException ClassCastException ArithmeticException IOException UncheckedIOException FileNotFoundException"
    " InterruptedException TimeoutException ExecutionException NumberFormatException ConcurrentModificationException"
    " NoSuchElementException StackOverflowError OutOfMemoryError AssertionError Override Deprecated SuppressWarnings"
    " FunctionalInterface SafeVarargs Nullable NonNull NotNull Test equals hashCode toString compareTo close run java javax util lang"
    " io InputStream OutputStream Reader Writer Closeable AutoCloseable Path File Charset StandardCharsets UTF_8 Duration Instant"
    " Future javadoc JVM JUnit"
)
_JAVA_LIBRARY = (
    "getClass clone finalize wait notify notifyAll valueOf parseInt length size isEmpty contains containsKey get put add remove"
    " iterator hasNext next stream map filter collect forEach orElse orElseThrow of ofNullable call accept apply test out err println"
    " printf format nio time ofSeconds ofMillis ofMinutes ofHours ofDays ofNanos toMillis toNanos toSeconds systemUTC"
    " currentTimeMillis nanoTime isPresent ifPresent findFirst findAny anyMatch allMatch noneMatch flatMap toList toArray asList"
    " putIfAbsent computeIfAbsent getOrDefault entrySet keySet indexOf charAt substring startsWith endsWith isBlank requireNonNull"
    " getMessage printStackTrace LinkedList LinkedHashMap TreeMap ConcurrentHashMap LinkedHashSet TreeSet ArrayDeque Paths Files"
    " LocalDate LocalDateTime AtomicInteger AtomicLong AtomicReference ExecutorService Executors Clock ZonedDateTime ZoneId"
    " ZoneOffset TimeUnit ReentrantLock ReadWriteLock CountDownLatch Semaphore ThreadLocal Properties Pattern Matcher Scanner"
    " BufferedReader BufferedWriter InputStreamReader OutputStreamWriter StringWriter PrintStream ByteBuffer BigDecimal BigInteger"
    " UUID Random Locale CompletableFuture"
)
_C = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict"
    " return short signed sizeof static struct switch typedef union unsigned void volatile while define ifdef ifndef endif elif undef"
    " pragma error include line NULL EOF stdin stdout stderr errno bool true false size_t ssize_t ptrdiff_t intptr_t uintptr_t int8_t"
    " int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t off_t time_t wchar_t va_list FILE free assert INT_MAX INT_MIN"
    " UINT_MAX SIZE_MAX EINTR EAGAIN EINVAL ENOMEM ENOENT offsetof alignof noreturn __FILE__ __LINE__ __func__ __attribute__ NUL main"
    " argc argv"
)
_C_LIBRARY = (
    "malloc calloc realloc memcpy memmove memset memcmp memchr strlen strcpy strncpy strcat strcmp strncmp strchr strrchr strstr"
    " strdup printf fprintf sprintf snprintf vsnprintf scanf puts putchar getchar fopen fclose fread fwrite fgets fputs fseek ftell"
    " open close read write exit abort qsort atoi strtol strtoul"
)
_CPP = (
    "alignas alignof and auto bool catch char16_t char32_t char8_t class co_await co_return co_yield concept const_cast consteval"
    " constexpr constinit decltype delete dynamic_cast explicit export false final friend import module mutable namespace new"
    " noexcept not nullptr nullptr_t operator or override private protected public reinterpret_cast requires static_assert"
    " static_cast template this thread_local throw true try typeid typename using virtual std string string_view wstring vector array"
    " map set list pair tuple optional function move forward begin end size empty data length exception runtime_error logic_error"
    " invalid_argument out_of_range bad_alloc what iterator RAII STL"
)
_CPP_LIBRARY = (
    "unordered_map unordered_set deque queue stack variant any unique_ptr shared_ptr weak_ptr make_unique make_shared make_pair swap"
    " cbegin cend push_back emplace_back emplace pop_back insert erase find at front back clear reserve resize c_str str substr npos"
    " cout cerr cin endl ostream istream stringstream ostringstream istringstream fstream mutex lock_guard unique_lock thread atomic"
    " future promise chrono initializer_list sort transform accumulate for_each copy numeric_limits enable_if is_same"
)
_WORDS = {
    "python": _PYTHON,
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "go": _GO,
    "rust": _RUST,
    "java": _JAVA,
    "c": _C,
    "cpp": f"{_C} {_CPP}",
}
_LIBRARIES = {
    "python": _PYTHON_LIBRARY,
    "javascript": _SCRIPT_LIBRARY,
    "typescript": _SCRIPT_LIBRARY,
    "tsx": _SCRIPT_LIBRARY,
    "go": _GO_LIBRARY,
    "rust": _RUST_LIBRARY,
    "java": _JAVA_LIBRARY,
    "c": _C_LIBRARY,
    "cpp": f"{_C_LIBRARY} {_CPP_LIBRARY}",
}
# Ways to write names, encodings, and what everybody calls platforms and protocols that no code has to name
_EVERYDAY = frozenset(
    "camelCase PascalCase snake_case JavaScript TypeScript GitHub GitLab macOS iOS WebSocket WebSockets OAuth OAuth2 UTF8 Base64 base64"
    " IPv4 IPv6 NumPy NaN GiB MiB KiB kB MB GB ASCII DevOps DateTime LaTeX YAML Node.js OpenAPI GraphQL SHA256 sha256 UUIDv4 UTC CSV DoS"
    " TTLs IDs URLs APIs CamelCase Unix POSIX".split()
)


@cache
def language_words(language: str) -> frozenset[str]:
    """Return the words of a language as code spells them, those of all languages where it is not known, and the words of any code."""
    return _EVERYDAY | _ANY | _words_of(_WORDS, language)


@cache
def library_words(language: str) -> frozenset[str]:
    """Return the best known names of a language's library, those of all languages where it is not known."""
    return _words_of(_LIBRARIES, language)


def _words_of(words: Mapping[str, str], language: str) -> frozenset[str]:
    return frozenset((words.get(language) or " ".join(words.values())).split())
