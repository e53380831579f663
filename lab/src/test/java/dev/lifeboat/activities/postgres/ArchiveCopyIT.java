package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the real {@code pg_restore} reads in the copy of what the real {@code pg_dump} wrote into a pipe. */
@Tag("any-engine")
class ArchiveCopyIT {

    private static final Pattern PLACE = Pattern.compile("(?m)^-- Data Pos: (\\d+)$");

    private static DumpWorld world;

    @TempDir
    Path folder = Path.of("");

    @BeforeAll
    static void start() throws Exception {
        world = DumpWorld.start();
        world.execute(
                "shop",
                "create table item (id int primary key, text text)",
                "insert into item select n, 'row ' || n from generate_series(1, 50000) n",
                "create table wide (id int, text text)",
                "insert into wide select n, repeat(md5(n::text), 3000) from generate_series(1, 7) n",
                "create table nothing (id int)",
                "create table without_columns ()",
                "create sequence counted start 42",
                "select lo_from_bytea(0, decode(repeat('00ff', 40000), 'hex')), lo_from_bytea(0, ''), lo_from_bytea(0, 'x')",
                "create materialized view a_few as select * from item where id < 10");
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Z0", "-Z6"})
    void theCopyIsTheSameScriptAndHasAPlaceForEachTable(String compression) throws Exception {
        Path piped = piped(compression);

        Path copy = copy(piped);

        assertThat(script(copy)).isEqualTo(script(piped)).contains("row 49999", "lo_open");
        assertThat(places(piped)).as("without a copy there are none").containsOnly("0");
        assertThat(places(copy))
                .as("only that of the sequence, which has no data, is none")
                .hasSameSizeAs(places(piped))
                .doesNotHaveDuplicates()
                .containsOnlyOnce("0");
    }

    @Test
    void thePlacesAreThoseThatPgDumpWritesIntoAFile() throws Exception {
        Path file = folder.resolve("file");
        world.run("pg_dump", "-Fc", "-Z6", "-f", file.toString(), "shop");

        assertThat(places(copy(piped("-Z6")))).isEqualTo(places(file));
    }

    @Test
    void aCopyIsSmallerByTheRowsThatWereBlocks() throws Exception {
        Path piped = piped("-Z0");

        assertThat(Files.size(copy(piped))).isLessThan(Files.size(piped) - 4 * 50_000);
    }

    private Path piped(String compression) throws Exception {
        Path piped = Files.createTempFile(folder, "piped", ".dump");
        ClusterAccess access = world.access(DumpWorld.PATIENT);
        String dump = ShellWords.of(access.program("pg_dump", "-Fc", compression, "shop"));
        Commands.require(
                new ServerUser(null),
                List.of("sh", "-c", "%s | cat > %s".formatted(dump, piped)),
                access.clientEnvironment(),
                Duration.ofMinutes(1));
        return piped;
    }

    private Path copy(Path archive) throws IOException {
        Path copy = Files.createTempFile(folder, "copy", ".dump");
        try (InputStream in = Files.newInputStream(archive);
                FileChannel out = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            assertThat(new ArchiveCopy(in, out, bytes -> {}).run()).isEqualTo(Files.size(archive));
        }
        return copy;
    }

    /** Without the two lines that are other ones each time ({@code \restrict}, CVE-2025-8714). */
    private static String script(Path archive) {
        return world.run("pg_restore", "-f", "-", archive.toString()).replaceAll("(?m)^\\\\(un)?restrict .*$", "");
    }

    /** Of all entries that have data, in the order of the archive. */
    private static List<String> places(Path archive) {
        return PLACE.matcher(world.run("pg_restore", "--verbose", "--section=data", "-f", "-", archive.toString()))
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
