package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Json;
import dev.lifeboat.activities.store.ObjectStore;
import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveCluster;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.LiveState;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.Space;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads, at one moment, everything that a recovery's plan is decided from. Changes nothing, here or in the bucket. */
final class RecoveryFactsReader {

    private static final Pattern VERSION = Pattern.compile("\\) (\\d{2})");

    private final LiveContext context;
    private final ObjectStore store;
    private final List<String> writers;

    RecoveryFactsReader(LiveContext context, ObjectStore store, Map<String, ?> writers) {
        this.context = context;
        this.store = store;
        this.writers = List.copyOf(new TreeSet<>(writers.keySet()));
    }

    /** @throws RecoveryFailure NO_BASE_BACKUP when neither disk nor bucket says whose cluster this is */
    RecoveryFacts read(FactsQuery query) {
        if (!query.cluster().equals(context.cluster().name())) {
            throw new RecoveryFailure(
                    FailureCode.UNKNOWN_CLUSTER,
                    "this worker serves the cluster %s, not %s"
                            .formatted(context.cluster().name(), query.cluster()),
                    "start a worker with '--cluster " + query.cluster() + "'");
        }
        LiveServer.Status live = new LiveServer(context).look();
        BaseBackupCatalog catalog = new BaseBackupCatalog(store, query.cluster());
        Identity identity = identity(live.control(), catalog, query);
        WalArchive archive = new WalArchive(store, query.cluster(), identity.systemId);
        WalCatalog wal = new WalCatalog(archive, identity.segmentSize, identity.liveWal);
        List<UnusableBackup> unusable = new ArrayList<>();
        Decryption decryption = new Decryption(store);
        List<BaseBackup> backups = catalog.manifests(identity.systemId, unusable::add).stream()
                .filter(manifest -> decryption.isReadable(manifest, unusable::add))
                .map(BaseBackupManifest::toBackup)
                .toList();
        List<String> obstacles = new ArrayList<>(new Obstacles(context).find(query));
        identity.obstacle.ifPresent(obstacles::add);
        otherVersion(catalog, identity.systemId).ifPresent(obstacles::add);
        decryption
                .obstacle(archive, wal.newestArchived().map(identity.segmentSize::nameOf))
                .ifPresent(obstacles::add);
        TargetLocator.Found found = wal.find(query.target(), query.exclusive());
        return new RecoveryFacts(
                query.cluster(),
                identity.systemId,
                identity.segmentSize,
                backups,
                wal.timelines(),
                found.locations(),
                new LiveCluster(
                        live.state(),
                        context.dataDirectory().toString(),
                        serverVersion(),
                        context.cluster().port(),
                        standbys(live.state())),
                space(query),
                writers,
                List.copyOf(obstacles),
                Instant.now(),
                tablespaces(query, backups, wal),
                null,
                List.copyOf(unusable),
                found.returns(),
                wal.clockSteps());
    }

    /** @param liveWal null when the live directory holds no WAL of that cluster */
    private record Identity(
            String systemId, WalSegmentSize segmentSize, @Nullable Path liveWal, Optional<String> obstacle) {}

    private Identity identity(Optional<ControlFile> control, BaseBackupCatalog catalog, FactsQuery query) {
        Path liveWal = context.dataDirectory().resolve("pg_wal");
        if (control.isPresent()
                && (isBackedUp(catalog, control.get()) || catalog.newest().isEmpty())) {
            return new Identity(control.get().systemId(), control.get().segmentSize(), liveWal, Optional.empty());
        }
        BaseBackup newest = catalog.newest()
                .orElseThrow(() -> new RecoveryFailure(
                        FailureCode.NO_BASE_BACKUP,
                        "cannot recover %s: it has no base backup, and %s has no readable control file"
                                .formatted(query.cluster(), context.dataDirectory()),
                        "without a base backup there is nothing to recover from"));
        WalSegmentSize size = catalog.read(newest.systemId(), newest.id()).walSegmentSize();
        if (control.isEmpty()) {
            // What is left of its pg_wal says by itself whose it is, segment by segment.
            return new Identity(newest.systemId(), size, liveWal, Optional.empty());
        }
        Optional<String> foreign = query.placement() == Placement.IN_PLACE
                ? Optional.of(
                        "WRONG_SYSTEM_ID: %s holds another cluster (system identifier %s) than every base backup (%s)"
                                .formatted(
                                        context.dataDirectory(), control.get().systemId(), newest.systemId()))
                : Optional.empty();
        return new Identity(newest.systemId(), size, null, foreign);
    }

    private TablespaceFacts tablespaces(FactsQuery query, List<BaseBackup> backups, WalCatalog wal) {
        Set<String> locations = new TreeSet<>();
        backups.stream()
                .flatMap(backup -> backup.tablespaces().stream())
                .filter(each -> !each.liesInDataDirectory())
                .forEach(each -> locations.add(each.location()));
        try {
            return new TablespaceFacts(
                    new TablespaceSites(context).of(locations),
                    wal.tablespacesCreated(),
                    TablespaceSites.deviceOf(TablespaceSites.existing(place(query))));
        } catch (IOException e) {
            throw FileTrees.failed("look at the folders of tablespaces", e);
        }
    }

    /** What is known of them is known to the running server only. */
    private List<String> standbys(LiveState state) {
        if (state != LiveState.RUNNING) {
            return List.of();
        }
        try (Connection connection = new LiveDatabase(context).connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select " + Standby.SQL)) {
            row.next();
            byte[] found = row.getString(1).getBytes(StandardCharsets.UTF_8);
            return Arrays.stream(Json.read(found, Standby[].class, "what the server said of its standbys"))
                    .map(Standby::words)
                    .toList();
        } catch (SQLException e) {
            return List.of();
        }
    }

    /** A data directory is of one major version, and so are all backups with its system identifier. */
    private Optional<String> otherVersion(BaseBackupCatalog catalog, String systemId) {
        List<BaseBackup> backups = catalog.backups(systemId);
        Path postgres = context.cluster().binary("postgres");
        if (backups.isEmpty() || !Files.isExecutable(postgres)) {
            return Optional.empty();
        }
        int wanted = backups.get(backups.size() - 1).serverVersion() / 10_000;
        String said = Commands.run(
                        context.user(), List.of(postgres.toString(), "--version"), Map.of(), Duration.ofSeconds(20))
                .output()
                .strip();
        return majorOf(said) == wanted
                ? Optional.empty()
                : Optional.of("CLUSTER_NOT_READY: the base backups are of PostgreSQL %d, and %s is '%s'"
                        .formatted(wanted, postgres, said));
    }

    /** Of {@code postgres (PostgreSQL) 15.14 (Debian 15.14-0)} or {@code postgres (PostgreSQL) 18beta1}; 0 of anything else. */
    static int majorOf(String version) {
        Matcher matcher = VERSION.matcher(version);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    private static boolean isBackedUp(BaseBackupCatalog catalog, ControlFile control) {
        return !catalog.backups(control.systemId()).isEmpty();
    }

    /** The major version that the data directory was made with, as a number like the server's own; 0 when it is gone. */
    private int serverVersion() {
        try {
            Path file = context.dataDirectory().resolve("PG_VERSION");
            return Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) * 10_000 : 0;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private Space space(FactsQuery query) {
        try {
            return new Space(
                    Files.getFileStore(TablespaceSites.existing(place(query))).getUsableSpace(),
                    DiskUse.of(context.dataDirectory()));
        } catch (IOException e) {
            return new Space(-1, 0);
        }
    }

    private Path place(FactsQuery query) {
        String into = query.into();
        return query.placement() == Placement.INTO && into != null ? Path.of(into) : context.dataDirectory();
    }
}
