//! Command lines that must not start anything.

use crate::program::ring;

/// What was typed, and what the one line must say: the flag as typed, and what is allowed.
const WRONG: &[(&[&str], &[&str])] = &[
    (&["-producers=0"], &["-producers \"0\"", "from 1 to 1024"]),
    (&["-producers=-1"], &["-producers \"-1\"", "from 1 to 1024"]),
    (&["-producers", "-1"], &["-producers \"-1\"", "from 1 to 1024"]),
    (&["--producers", "1.5"], &["--producers \"1.5\"", "whole number"]),
    (&["--producers", "abc"], &["--producers \"abc\"", "whole number"]),
    (&["-producers="], &["-producers \"\"", "whole number"]),
    (&["--producers", ""], &["--producers \"\"", "whole number"]),
    (&["-producers=99999999999999999999"], &["-producers", "from 1 to 1024"]),
    (&["-producers=1000000"], &["-producers", "from 1 to 1024"]),
    (&["-ringSize=18446744073709551615"], &["-ringSize", "up to 16777216"]),
    (&["-ringSize=9223372036854775807"], &["-ringSize", "up to 16777216"]),
    (&["-ringSize=10"], &["-ringSize \"10\"", "a multiple of --ring-shards 4"]),
    (&["-ringSize=2"], &["-ringSize \"2\"", "a multiple of --ring-shards 4"]),
    (&["--ring-size=16777216", "-packetSize=65507"], &["--ring-size", "MiB"]),
    (&["-ringShards=0"], &["-ringShards \"0\"", "a power of two from 1 to 1024"]),
    (&["-ringShards=3"], &["-ringShards \"3\"", "a power of two"]),
    (&["-ringShards=8", "-ringSize=4"], &["-ringSize \"4\"", "a multiple of -ringShards 8"]),
    (&["-rate", "-5"], &["-rate \"-5\"", "from 0.001 to 100000"]),
    (&["-rate=NaN"], &["-rate \"NaN\"", "from 0.001"]),
    (&["-rate=inf"], &["-rate \"inf\"", "from 0.001"]),
    (&["--rate=1e400"], &["--rate \"1e400\"", "to 100000"]),
    (&["-rate=100000", "-producers=1024", "-frequency=60000"], &["--ring-size", "automatically"]),
    (&["-duration=-1s"], &["-duration \"-1s\"", "a duration"]),
    (&["-duration=10"], &["-duration \"10\"", "with its unit"]),
    (&["-duration="], &["-duration \"\"", "with its unit"]),
    (&["-packetSize=0"], &["-packetSize \"0\"", "from 1 to 65507"]),
    (&["--packet-size=65508"], &["--packet-size \"65508\"", "from 1 to 65507"]),
    (&["-sizeMultiplier=0"], &["-sizeMultiplier \"0\"", "from 0.01 to 1000"]),
    (&["-btreeSize=0"], &["-btreeSize \"0\"", "from 1 to 10000000"]),
    (&["-btreeDegree=1"], &["-btreeDegree \"1\"", "from 2 to 1024"]),
    (&["-frequency=0"], &["-frequency \"0\"", "from 1 to 60000"]),
    (&["-backoff=10"], &["-backoff \"10\"", "from 1µs to 1m0s"]),
    (&["-maxRetries=0"], &["-maxRetries \"0\"", "from 1 to"]),
    (&["-maxBackoffs=-1"], &["-maxBackoffs \"-1\"", "from 0 to"]),
    (&["-statsInterval=0"], &["-statsInterval \"0\"", "from 0.1 to 86400"]),
    (&["-debugLevel=8"], &["-debugLevel \"8\"", "from 0 to 7"]),
    (&["--sink=file"], &["--sink \"file\"", "window, null, pcap:FILE or nats://"]),
    (&["--order=time"], &["--order \"time\"", "arrival or rtp"]),
    (&["-order=rtp"], &["-order \"rtp\"", "together with --listen or --pcap"]),
    (&["--order=rtp", "--pcap=-", "--sink=null"], &["--sink \"null\"", "a window for --order"]),
    (&["--sink=pcap"], &["--sink \"pcap\"", "pcap:FILE"]),
    (&["-sink=pcap:"], &["-sink \"pcap:\"", "a file, not a folder"]),
    (&["--sink", "pcap:/"], &["--sink \"pcap:/\"", "a file, not a folder"]),
    (&["--sink=pcap:/missing/x.pcap"], &["--sink", "in a folder that exists"]),
    #[cfg(not(feature = "nats"))]
    (&["--sink", "nats://h/a"], &["--sink \"nats://h/a\"", "--features nats"]),
    #[cfg(not(feature = "nats"))]
    (&["collect", "--nodes", "1"], &["collect: ", "--features nats"]),
    #[cfg(feature = "nats")]
    (&["--sink", "nats://h"], &["--sink \"nats://h\"", "nats://HOST:PORT/SUBJECT"]),
    #[cfg(feature = "nats")]
    (&["--node", "a"], &["--node", "must stand with --sink nats://"]),
    (&["-nosuch"], &["-nosuch", "unknown flag"]),
    (&["--producer=4"], &["--producer:", "did you mean --producers?"]),
    (&["-x"], &["-x", "unknown flag"]),
    (&["-rate=5", "--rate", "6"], &["--rate", "given twice"]),
    (&["-plain", "--plain"], &["--plain", "given twice"]),
    (&["-rate"], &["-rate", "needs a value"]),
    (&["-rate", "-producers=4"], &["-rate", "needs a value"]),
    (&["--plain=yes"], &["--plain", "takes no value"]),
    (&["word"], &["\"word\"", "not a flag"]),
    (&["-profile=nosuch"], &["-profile \"nosuch\"", "cpu, mem, allocs, heap, rate, mutex"]),
    (&["--profile", ""], &["--profile \"\"", "cpu, mem, allocs, heap, rate, mutex"]),
    (&["--profile=cpu,cpu"], &["--profile \"cpu,cpu\"", "without a second cpu"]),
    (&["-profile=cpu,heap"], &["-profile \"cpu,heap\"", "two runs for cpu and heap"]),
    (&["-profilepath=/tmp"], &["-profilepath \"/tmp\"", "together with --profile"]),
    (&["-profile=cpu", "-profilepath=/proc"], &["-profilepath \"/proc\"", "can be written to"]),
    (&["-profile=cpu", "-profilepath=/dev/null"], &["-profilepath", "can be written to"]),
    (&["-profile=cpu", "-profilepath="], &["-profilepath \"\"", "a folder"]),
    (&["--json", "/"], &["--json \"/\"", "a file, not a folder"]),
    (
        &["-json=/missing/result.json"],
        &["-json \"/missing/result.json\"", "in a folder that exists"],
    ),
    (&["-json="], &["-json \"\"", "or - for stdout"]),
    (&["--json", "-duration=5s"], &["--json", "needs a value"]),
    (&["--pcap=/missing"], &["--pcap \"/missing\"", "a capture file", "No such file"]),
    (&["--pcap=/"], &["--pcap \"/\"", "a folder"]),
    (&["-pcap="], &["-pcap \"\"", "or - for stdin"]),
    (&["--pcap=/proc/self/status"], &["--pcap", "begins as none does"]),
    (&["--pcap=-", "--listen=:5000"], &["--listen", "must not stand with --pcap"]),
    (&["--pcap=-", "-packetSize=9"], &["-packetSize", "must not stand with --pcap"]),
    (&["--pcap=-", "--pacing-granularity=0"], &["must not stand with --pcap"]),
    (&["--listen", "127.0.0.1"], &["--listen \"127.0.0.1\"", "HOST:PORT"]),
    (&["--listen", "127.0.0.1:99999"], &["--listen \"127.0.0.1:99999\"", "from 0 to 65535"]),
    (&["--listen=::1:5000"], &["--listen \"::1:5000\"", "[::1]:5000"]),
    (&["--listen=:5000", "--listen=:5000"], &["--listen \":5000\"", "another address"]),
    (&["--listen=:5000", "--rate=5"], &["--rate", "must not stand with --listen"]),
    (&["--listen=:5000", "--unlimited"], &["--unlimited", "must not stand with --listen"]),
    (&["--unlimited", "--rate=5"], &["--rate \"5\"", "left out with --unlimited"]),
    (&["-rate=a\nb"], &["-rate \"a\\nb\"", "Mb/s"]),
    (&["-pacingGranularity=2"], &["-pacingGranularity \"2\"", "auto, or a duration with its unit"]),
    (&["--pacing-granularity=2s"], &["--pacing-granularity \"2s\"", "from 0s to 1s"]),
    (&["--pacing-granularity=1ms", "--unlimited"], &["--pacing-granularity", "a set rate"]),
    (&["--dashboard"], &["--dashboard", "needs a value"]),
    (&["--dashboard="], &["--dashboard \"\"", "a port, or HOST:PORT"]),
    (&["--dashboard=99999"], &["--dashboard \"99999\"", "from 0 to 65535"]),
    (&["-dashboard", "127.0.0.1"], &["-dashboard \"127.0.0.1\"", "such as 9090"]),
    (&["--dashboard=http://h:1/"], &["--dashboard", "such as 9090"]),
    (&["--config"], &["--config", "needs a value"]),
    (&["--config", "missing.toml"], &["--config \"missing.toml\"", "No such file"]),
    (&["--config=tests"], &["--config \"tests\"", "cannot be read"]),
    (&["--config=a", "-config=b"], &["-config", "given twice"]),
    (
        &["--config", "tests/ring/settings/unknown_key.toml"],
        &["unknown_key.toml, line 3: producer: unknown key", "did you mean --producers?"],
    ),
    (
        &["--config", "tests/ring/settings/wrong_type.toml"],
        &["wrong_type.toml, line 2: producers: must be a number", "string"],
    ),
    (
        &["--config", "tests/ring/settings/out_of_range.toml"],
        &["out_of_range.toml, line 1: producers \"0\": must be", "from 1 to 1024"],
    ),
    (
        &["--config", "tests/ring/settings/rate.toml", "--listen", ":5000"],
        &["rate.toml, line 4: rate", "must not stand with --listen"],
    ),
    (&["--config", "tests/ring/settings/not_toml.toml"], &["not_toml.toml, line 2: "]),
    (&["--completions=tcsh"], &["--completions \"tcsh\"", "bash, elvish, fish"]),
    (&["--print-config", "-rate=-5"], &["-rate \"-5\"", "from 0.001"]),
    (&["--pacing-granularity=1ms", "--listen=:5000"], &["must not stand with --listen"]),
];

#[test]
fn each_ends_with_code_2_and_one_line_that_names_the_flag() {
    for (args, parts) in WRONG {
        let ended = ring(args);
        assert_eq!(ended.code(), Some(2), "{args:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{args:?}");
        assert!(ended.stderr.starts_with("ring: "), "{args:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{args:?}: {}", ended.stderr);
        for part in *parts {
            assert!(ended.stderr.contains(part), "{args:?}: no {part:?} in {}", ended.stderr);
        }
    }
}
