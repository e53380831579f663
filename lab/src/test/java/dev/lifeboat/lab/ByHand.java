package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The commands of the page that lies in the bucket, one block after the other, as a person would paste them: only names are
 * filled in. The S3 client is a stand-in that copies from a mirror of the bucket.
 */
final class ByHand {

    private static final String PAGE = "HOW-TO-RESTORE-WITHOUT-LIFEBOAT.md";
    private static final String DUMPS = "## A dump by hand";
    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\\n(.*?)```");
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss.SSSSSS'+00'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String USER =
            System.getProperty("user.name").equals("root") ? "postgres" : System.getProperty("user.name");

    private static final String S3_CLIENT =
            """
            set -u
            aws() {
                shift 3
                verb=$1
                shift
                if [ "$verb" = ls ]; then
                    ls "$MIRROR/${1#s3://}"
                    return
                fi
                [ "$1" != --recursive ] || shift
                from=$1
                to=$2
                case $from in s3://*) from=$MIRROR/${from#s3://} ;; esac
                case $to in s3://*) to=$MIRROR/${to#s3://} ;; esac
                if [ "$from" = - ]; then
                    cat >"$to"
                elif [ -d "$from" ]; then
                    mkdir -p "$to"
                    cp -r "$from/." "$to/"
                else
                    cp "$from" "$to"
                fi
            }
            """;

    private final World world;
    private final Path folder;
    private final Path bucket;

    /** Mirrors the bucket as it is now into this folder: what a person would see with an S3 client, as files. */
    ByHand(World world, Path folder) throws IOException {
        this.world = world;
        this.folder = folder;
        Path mirror = Files.createTempDirectory(folder, "mirror");
        this.bucket = mirror.resolve(Lab.BUCKET);
        try (S3Client client = world.lab().s3().client()) {
            for (S3Object object : client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET))
                    .contents()) {
                Path file = bucket.resolve(object.key());
                Files.createDirectories(file.getParent());
                Files.write(
                        file,
                        client.getObjectAsBytes(get -> get.bucket(Lab.BUCKET).key(object.key()))
                                .asByteArray());
            }
        }
    }

    /** What of this the host lacks. */
    static List<String> missing(String... programs) {
        return Stream.of(programs)
                .filter(program -> Stream.of("/usr/bin", "/bin", "/usr/local/bin")
                        .noneMatch(place -> Files.isExecutable(Path.of(place, program))))
                .toList();
    }

    static boolean canDecrypt() throws IOException {
        return missing("python3").isEmpty()
                && Programs.run(USER, List.of("python3", "-c", "import cryptography"), Map.of(), LIMIT)
                                .exitCode()
                        == 0;
    }

    /** Everything that was written is in the bucket when this returns. */
    static void awaitArchived(World world) {
        String last = world.postgres().switchWal();
        Awaitility.await().atMost(LIMIT).until(() -> world.postgres().hasArchived(last));
    }

    /** Recovers to a time, in place; the worker must be gone. */
    Programs.Result recover(Instant target, Path key) throws IOException {
        Path base = bucket.resolve("postgres/base/main");
        String systemId = only(base);
        Map<String, String> names = new LinkedHashMap<>(common(key));
        names.put("DATA", world.postgres().dataDirectory().toString());
        names.put("WORK", beside("by-hand"));
        names.put("TARGET", '"' + TIME.format(target) + '"');
        names.put("SYSID", systemId);
        names.put("BACKUP", only(base.resolve(systemId)));
        String page = page();
        List<String> blocks = blocks(page.substring(0, page.indexOf(DUMPS)), names);
        assertThat(blocks)
                .extracting(block -> block.substring(0, 4))
                .containsExactly("# 1.", "# 2.", "# 3.", "# 4.", "# 5.", "# 6.", "# 7.", "# 8.");
        return run(String.join("", blocks).replace("000042", newestLease()));
    }

    /** Restores this dump beside the live database. */
    Programs.Result restore(String dump, Path key) throws IOException {
        Map<String, String> names = new LinkedHashMap<>(common(key));
        names.put("DATABASE", world.postgres().database());
        names.put("WORK", beside("dump-by-hand"));
        names.put("DUMP", dump);
        names.put(
                "export PGHOST",
                "127.0.0.1 PGPORT=%d PGUSER=%s PGPASSWORD=%s"
                        .formatted(
                                world.postgres().port(),
                                world.postgres().user(),
                                world.postgres().password()));
        String page = page();
        List<String> blocks = blocks(page.substring(page.indexOf(DUMPS)), names);
        assertThat(blocks)
                .extracting(block -> block.substring(0, 5))
                .containsExactly("# D1.", "# D2.", "# D3.", "# D4.");
        return run(String.join("", blocks));
    }

    private Map<String, String> common(Path key) {
        return Map.of(
                "ROOT", "s3://" + Lab.BUCKET,
                "PGBIN", world.postgres().binDirectory().toString(),
                "KEY", key.toString());
    }

    private String beside(String name) {
        return world.postgres().dataDirectory().resolveSibling(name).toString();
    }

    private String page() throws IOException {
        return Files.readString(bucket.resolve(PAGE));
    }

    private static List<String> blocks(String text, Map<String, String> names) {
        List<String> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            String commands = block.group(1);
            for (Map.Entry<String, String> name : names.entrySet()) {
                commands = commands.replaceAll(
                        "(?m)^" + name.getKey() + "=.*$",
                        Matcher.quoteReplacement(name.getKey() + "=" + name.getValue()));
            }
            blocks.add(commands);
        }
        return blocks;
    }

    private String newestLease() throws IOException {
        try (Stream<Path> leases = Files.list(bucket.resolve("leases/main"))) {
            return leases.map(lease -> lease.getFileName().toString().substring(0, 6))
                    .max(String::compareTo)
                    .orElseThrow();
        }
    }

    private static String only(Path parent) throws IOException {
        try (Stream<Path> inside = Files.list(parent)) {
            List<String> names =
                    inside.map(each -> each.getFileName().toString()).toList();
            assertThat(names).hasSize(1);
            return names.get(0);
        }
    }

    private Programs.Result run(String commands) throws IOException {
        Path file = Files.createTempFile(folder, "commands", ".sh");
        Files.writeString(file, S3_CLIENT + "MIRROR=" + bucket.getParent() + "\n" + commands);
        try (Stream<Path> everything = Files.walk(folder)) {
            for (Path each : everything.toList()) {
                Folders.own(each, USER);
            }
        }
        return Programs.run(USER, List.of("bash", file.toString()), Map.of(), LIMIT);
    }
}
