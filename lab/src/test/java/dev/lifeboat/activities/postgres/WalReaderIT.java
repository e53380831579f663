package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.WalReader.Listener;
import dev.lifeboat.activities.postgres.WalReader.RestorePoint;
import dev.lifeboat.activities.postgres.WalReader.TransactionEnd;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-engine")
class WalReaderIT {

    private static final Pattern RECORD =
            Pattern.compile("rmgr: (\\S+) +len.*tx: +(\\d+), lsn: ([0-9A-F/]+), prev [0-9A-F/]+, desc: (\\S+) ?(.*)");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

    @Test
    void readsTheSameTransactionsAndRestorePointsAsPgWaldump() throws Exception {
        try (BackupWorld world = BackupWorld.start("max_prepared_transactions = 5")) {
            produceWal(world);
            // Within a segment: at its very start versions differ on whose name it is.
            String from = walFile(world, "'0/2000028'");
            String to = walFile(world, "pg_current_wal_flush_lsn()");
            world.server.stopImmediate();

            List<String> expected = waldump(world, from, to);
            List<String> found = read(world, from, to);

            assertThat(expected).hasSizeGreaterThan(200);
            assertThat(found).containsExactlyElementsOf(expected);
        }
    }

    private static String walFile(BackupWorld world, String lsn) {
        return String.valueOf(world.server.query("select pg_walfile_name(" + lsn + ")"));
    }

    private static void produceWal(BackupWorld world) {
        world.server.execute(
                "create table item (n int primary key, text text)",
                "select pg_switch_wal()",
                "select pg_create_restore_point('before release')",
                "do $$ begin for i in 1..200 loop insert into item values (i, repeat('x', 3000)); commit; end loop; end $$",
                "insert into item select n, repeat('y', 900) from generate_series(1000, 40000) n",
                "do $$ begin for i in 1..300 loop begin insert into item values (-i, ''); exception when others then null;"
                        + " end; end loop; end $$",
                "begin; insert into item values (50001, 'a'); savepoint a; insert into item values (50002, 'b');"
                        + " prepare transaction 'two phases'",
                "insert into item values (50003, 'between')",
                "commit prepared 'two phases'",
                "begin; create table other (n int); drop table item; prepare transaction 'undone'",
                "rollback prepared 'undone'",
                "begin; insert into item values (50004, 'no'); rollback",
                "select pg_switch_wal()",
                "select pg_create_restore_point('after release')",
                "insert into item values (50005, 'last')");
    }

    private static List<String> waldump(BackupWorld world, String from, String to) {
        Path wal = world.server.dataDirectory().resolve("pg_wal");
        Commands.Result result = Commands.run(
                new ServerUser(null),
                List.of(world.server.binDirectory().resolve("pg_waldump").toString(), "-p", wal.toString(), from, to),
                Map.of("TZ", "UTC"),
                Duration.ofMinutes(1));
        List<String> lines = new ArrayList<>();
        for (String line : result.output().split("\n")) {
            Matcher record = RECORD.matcher(line);
            if (!record.matches()) {
                continue;
            }
            String lsn = Lsn.parse(record.group(3)).toString();
            String rest = record.group(5);
            switch (record.group(4)) {
                case "COMMIT", "ABORT" ->
                    lines.add("%s %s %s %s".formatted(record.group(4), record.group(2), lsn, time(rest)));
                case "COMMIT_PREPARED", "ABORT_PREPARED" -> {
                    String xid = rest.substring(0, rest.indexOf(':'));
                    String kind = record.group(4).replace("_PREPARED", "");
                    lines.add("%s %s %s %s".formatted(kind, xid, lsn, time(rest.substring(rest.indexOf(": ") + 2))));
                }
                case "RESTORE_POINT" -> lines.add("POINT %s %s".formatted(rest.strip(), lsn));
                default -> {
                    // Nothing that recovery stops at.
                }
            }
        }
        return lines;
    }

    private static String time(String text) {
        return LocalDateTime.parse(text.substring(0, 26), TIME)
                .toInstant(ZoneOffset.UTC)
                .toString();
    }

    private static List<String> read(BackupWorld world, String from, String to) throws IOException {
        WalSegmentSize size = WalSegmentSize.DEFAULT;
        List<String> lines = new ArrayList<>();
        WalReader reader = new WalReader(size, new Listener() {
            @Override
            public void transactionEnd(TransactionEnd end) {
                lines.add(
                        "%s %d %s %s".formatted(end.commit() ? "COMMIT" : "ABORT", end.xid(), end.start(), end.time()));
            }

            @Override
            public void restorePoint(RestorePoint point) {
                lines.add("POINT %s %s".formatted(point.name(), point.start()));
            }
        });
        for (var segment = size.parse(from); segment.number() <= size.parse(to).number(); segment = segment.next()) {
            Path file = world.server.dataDirectory().resolve("pg_wal").resolve(size.nameOf(segment));
            try (InputStream bytes = Files.newInputStream(file)) {
                assertThat(reader.read(segment, bytes).whole())
                        .isEqualTo(!size.nameOf(segment).equals(to));
            }
        }
        return lines;
    }
}
