package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.BucketLayout;
import dev.lifeboat.activities.store.ObjectStore.StoredObject;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreActivities.DumpRestoreQuery;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts.Live;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts.Login;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Choice;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Source;
import dev.lifeboat.workflows.contract.postgres.StepOutcome;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads from bucket and server what a restore of a dump is planned on; changes nothing. */
final class RestoreFactsReader {

    private static final int NEWEST_DUMPS = 100;
    private static final int NEWEST_LOOSE = 5;
    /** What rows of text become when they are compressed no further than scripts do it. */
    private static final int PACKED = 8;

    private final ClusterAccess access;
    private final Collection<String> writers;

    RestoreFactsReader(ClusterAccess access, Collection<String> writers) {
        this.access = access;
        this.writers = writers;
    }

    DumpRestoreFacts read(DumpRestoreQuery query) {
        access.requireName(query.cluster());
        List<String> unreadable = new ArrayList<>();
        List<Dump> dumps = access.dumps().manifests(bad -> unreadable.add(bad.id() + ": " + bad.why())).stream()
                .filter(manifest -> manifest.database().equals(query.database()))
                .map(manifest -> manifest.toDump(null))
                .toList();
        Dump named = named(query.backup()).map(found -> found.toDump(null)).orElse(null);
        List<String> loose = loose(query.database());
        Map<String, String> doubts = new HashMap<>();
        access.dumps().doubts().forEach((id, doubt) -> {
            if (DumpId.isOf(id, query.database()) || named != null && named.id().equals(id)) {
                doubts.put(id, doubt.words());
            }
        });
        return RestoreSession.beside(
                access,
                List.of(),
                connection -> new DumpRestoreFacts(
                        Instant.now(),
                        List.copyOf(dumps.subList(Math.max(0, dumps.size() - NEWEST_DUMPS), dumps.size())),
                        named,
                        loose,
                        List.copyOf(unreadable),
                        RestoreSession.column(connection, "select datname from pg_database order by 1"),
                        live(connection, query.database()),
                        login(connection),
                        writers.stream().sorted().toList(),
                        Runtime.getRuntime().availableProcessors(),
                        LastSight.read(access.folder()).orElse(null),
                        Map.copyOf(doubts),
                        StepOutcome.of("", access.workerName())));
    }

    /** @throws RecoveryFailure UNKNOWN_BACKUP when there is nothing; DUMP_UNUSABLE when it is no dump of one database */
    Source inspect(Choice choice, List<String> tables, Watch watch) throws IOException, InterruptedException {
        DumpSource source = source(choice);
        DumpBytes bytes = source instanceof DumpSource.OnDisk here && Files.isDirectory(here.file())
                ? new DumpBytes(Format.DIRECTORY, List.of(), false)
                : source.sniff();
        String name = source.name().substring(source.name().lastIndexOf('/') + 1);
        DumpManifest manifest = choice.kind() == Kind.DUMP ? access.dumps().read(choice.name()) : null;
        long stored = source.storedBytes();
        long plain =
                manifest != null ? manifest.bytes() : stored * (bytes.layers().isEmpty() ? 1 : PACKED);
        return new Source(
                choice,
                source.name(),
                bytes,
                stored,
                needsNoSpool(source, bytes) ? 0 : plain,
                // Indexes are in no dump; what custom archives compress themselves is a guess either way.
                plain * 3 / 2,
                manifest == null ? null : manifest.startedAt(),
                bytes.disagreements(name),
                manifest == null ? null : manifest.lsn(),
                new TablesOfDump(access, source, bytes, watch).find(tables, manifest));
    }

    DumpSource source(Choice choice) {
        return switch (choice.kind()) {
            case DUMP -> {
                DumpManifest manifest = access.dumps().read(choice.name());
                yield object(
                        manifest.archive().key(),
                        manifest.archive().sha256(),
                        manifest.archive().storedBytes());
            }
            case OBJECT -> {
                String key = keyOf(choice.name());
                StoredObject object =
                        access.store().head(key).orElseThrow(() -> unknown(choice.name(), "there is no such object"));
                yield object(key, null, object.size());
            }
            case FILE -> {
                Path file = Path.of(choice.name());
                if (!Files.exists(file)) {
                    throw unknown(choice.name(), "there is no such file on the worker's host");
                }
                yield new DumpSource.OnDisk(file);
            }
        };
    }

    private static boolean needsNoSpool(DumpSource source, DumpBytes bytes) {
        return source instanceof DumpSource.OnDisk here
                && (Files.isDirectory(here.file()) || bytes.layers().isEmpty() && bytes.format() != Format.DIRECTORY);
    }

    private DumpSource object(String key, @Nullable String sha256, long storedBytes) {
        return new DumpSource.InBucket(access.data(), key, access.store().addressOf(key), sha256, storedBytes);
    }

    private String keyOf(String address) {
        String bucket = access.store().addressOf("");
        if (!address.startsWith(bucket) || address.length() == bucket.length()) {
            throw unknown(address, "only what lies below %s can be read".formatted(bucket));
        }
        return address.substring(bucket.length());
    }

    private static RecoveryFailure unknown(String name, String why) {
        return new RecoveryFailure(
                FailureCode.UNKNOWN_BACKUP,
                "cannot restore %s: %s".formatted(name, why),
                "'lifeboat backups' lists what exists; a file must lie on the host of the worker beside the database");
    }

    /** By its ID, or by the address of its archive: then the restored copy is compared with its manifest all the same. */
    private Optional<DumpManifest> named(String backup) {
        String folder = BucketLayout.dumps(access.cluster().name());
        String address = access.store().addressOf(folder);
        String id = backup;
        if (backup.startsWith(address)) {
            String file = backup.substring(address.length());
            int end = file.indexOf(".dump");
            id = end < 0 ? "" : file.substring(0, end);
        }
        if (id.isEmpty() || id.contains("/")) {
            return Optional.empty();
        }
        return access.dumps()
                .find(id)
                .filter(manifest -> manifest.expiringSince() == null)
                .filter(manifest -> !backup.startsWith(address)
                        || access.store().addressOf(manifest.archive().key()).equals(backup));
    }

    /** Those of the platform's own script lay directly below the folder of all clusters, too. */
    private List<String> loose(String database) {
        String folder = BucketLayout.dumps(access.cluster().name());
        String all =
                folder.substring(0, folder.length() - access.cluster().name().length() - 1);
        List<StoredObject> here = access.store().list(folder + database + "_");
        List<String> manifests = here.stream()
                .map(StoredObject::key)
                .filter(key -> key.endsWith(".manifest.json"))
                .map(key -> key.substring(0, key.length() - ".manifest.json".length()))
                .toList();
        List<String> found = Stream.concat(
                        access.store().list(all + database + "_").stream(),
                        here.stream().filter(object -> manifests.stream()
                                .noneMatch(manifest -> object.key().startsWith(manifest + "."))))
                .map(StoredObject::key)
                .filter(key -> key.contains(".dump") || key.contains(".sql"))
                .filter(key -> !key.contains(".globals.sql"))
                .map(access.store()::addressOf)
                .toList();
        return List.copyOf(found.subList(Math.max(0, found.size() - NEWEST_LOOSE), found.size()));
    }

    private static @Nullable Live live(Connection connection, String database) throws SQLException {
        List<List<@Nullable String>> rows = RestoreSession.rows(
                connection,
                "select pg_get_userbyid(datdba), pg_has_role(datdba, 'USAGE'),"
                        + " case when has_database_privilege(oid, 'CONNECT') then pg_database_size(oid) else 0 end,"
                        + " datistemplate or datname in ('template0', 'template1') from pg_database where datname = ?",
                database);
        if (rows.isEmpty()) {
            return null;
        }
        List<@Nullable String> row = rows.get(0);
        return new Live(
                Objects.requireNonNull(row.get(0)),
                "t".equals(row.get(1)),
                Long.parseLong(Objects.requireNonNull(row.get(2))),
                RestoreSession.column(
                        connection,
                        "select subname from pg_subscription where subdbid = (select oid from pg_database where datname = ?)"
                                + " order by 1",
                        database),
                RestoreSession.column(
                        connection,
                        "select slot_name from pg_replication_slots where database = ? order by 1",
                        database),
                RestoreSession.column(connection, "select gid from pg_prepared_xacts where database = ?", database)
                        .size(),
                "t".equals(row.get(3)));
    }

    private Login login(Connection connection) throws SQLException {
        List<@Nullable String> row = RestoreSession.rows(
                        connection,
                        "select current_user, rolsuper, rolcreatedb, pg_has_role('pg_signal_backend', 'USAGE')"
                                + " from pg_roles where rolname = current_user")
                .get(0);
        return new Login(
                Objects.requireNonNull(row.get(0)),
                "t".equals(row.get(1)),
                "t".equals(row.get(2)),
                "t".equals(row.get(3)));
    }
}
