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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The commands of the page that lies in the bucket, one block after the other, as a person would paste them: only names are
 * filled in. Worker and Temporal take no part. The S3 client is a stand-in that copies from a mirror of the bucket.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ByHandIT {

    private static final String PAGE = "HOW-TO-RESTORE-WITHOUT-LIFEBOAT.md";
    private static final Pattern BLOCK = Pattern.compile("(?s)```sh\\n(.*?)```");
    private static final Duration LIMIT = Duration.ofMinutes(2);
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

    private final World world = World.start();
    private final Path folder = Folders.temporary("by-hand");

    @AfterAll
    void end() {
        world.close();
        Folders.remove(folder);
    }

    @Test
    void theCommandsOfThePageBringTheClusterBackToItsTarget() throws IOException {
        List<String> missing = Stream.of("zstd", "tar", "jq", "sha256sum")
                .filter(program -> Stream.of("/usr/bin", "/bin", "/usr/local/bin")
                        .noneMatch(place -> Files.isExecutable(Path.of(place, program))))
                .toList();
        if (!missing.isEmpty()) {
            System.out.println(
                    "ByHandIT: the page's commands did not run, since " + missing + " are not installed here");
            return;
        }
        Instant target = world.goodMoment();
        world.load().close();
        awaitArchived();
        world.lab().worker().terminate();
        Path mirror = mirror();
        String page = Files.readString(mirror.resolve(Lab.BUCKET).resolve(PAGE));

        Programs.Result ran = run(script(page, mirror, target));

        assertThat(ran.exitCode()).as(ran.output() + ran.errors()).isZero();
        assertThat(ran.output()).contains("recovery stopping before commit of transaction");
        assertThat(ran.output() + ran.errors()).doesNotContain("FATAL", "PANIC", "FAILED", "rror:", "No such file");
        world.assertRowsAt(target);
    }

    private void awaitArchived() {
        String last = world.postgres().switchWal();
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> String.valueOf(world.postgres().query("select last_archived_wal from pg_stat_archiver"))
                                .compareTo(last)
                        >= 0);
    }

    /** What a person would see with an S3 client, as files. */
    private Path mirror() throws IOException {
        Path mirror = folder.resolve("mirror");
        try (S3Client client = world.lab().s3().client()) {
            for (S3Object object : client.listObjectsV2Paginator(list -> list.bucket(Lab.BUCKET))
                    .contents()) {
                Path file = mirror.resolve(Lab.BUCKET).resolve(object.key());
                Files.createDirectories(file.getParent());
                Files.write(
                        file,
                        client.getObjectAsBytes(get -> get.bucket(Lab.BUCKET).key(object.key()))
                                .asByteArray());
            }
        }
        return mirror;
    }

    private String script(String page, Path mirror, Instant target) throws IOException {
        Path base = mirror.resolve(Lab.BUCKET).resolve("postgres/base/main");
        String systemId = only(base);
        Map<String, String> names = Map.of(
                "ROOT", "s3://" + Lab.BUCKET,
                "PGBIN", world.postgres().binDirectory().toString(),
                "DATA", world.postgres().dataDirectory().toString(),
                "WORK",
                        world.postgres()
                                .dataDirectory()
                                .resolveSibling("by-hand")
                                .toString(),
                "TARGET", '"' + TIME.format(target) + '"',
                "SYSID", systemId,
                "BACKUP", only(base.resolve(systemId)));
        StringBuilder script = new StringBuilder(S3_CLIENT + "MIRROR=" + mirror + "\n");
        Matcher block = BLOCK.matcher(page);
        List<String> numbers = new ArrayList<>();
        while (block.find()) {
            String commands = block.group(1);
            for (Map.Entry<String, String> name : names.entrySet()) {
                commands = commands.replaceAll(
                        "(?m)^" + name.getKey() + "=.*$",
                        Matcher.quoteReplacement(name.getKey() + "=" + name.getValue()));
            }
            script.append(commands.replace("000042", newestLease(mirror)));
            numbers.add(commands.substring(0, 4));
        }
        assertThat(numbers).containsExactly("# 1.", "# 2.", "# 3.", "# 4.", "# 5.", "# 6.", "# 7.", "# 8.");
        return script.toString();
    }

    private static String newestLease(Path mirror) throws IOException {
        try (Stream<Path> leases = Files.list(mirror.resolve(Lab.BUCKET).resolve("leases/main"))) {
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

    private Programs.Result run(String script) throws IOException {
        Path file = folder.resolve("commands.sh");
        Files.writeString(file, script);
        try (Stream<Path> everything = Files.walk(folder)) {
            for (Path each : everything.toList()) {
                Folders.own(each, USER);
            }
        }
        return Programs.run(USER, List.of("bash", file.toString()), Map.of(), LIMIT);
    }
}
