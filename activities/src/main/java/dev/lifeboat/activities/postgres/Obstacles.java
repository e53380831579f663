package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.contract.postgres.PostgresRecoveryActivities.FactsQuery;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Site;
import dev.lifeboat.workflows.domain.FailureCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What would make a recovery fail half way, found before anything is touched; each a sentence behind the code of its
 * failure. Makes nothing, not even to try whether it could.
 */
final class Obstacles {

    private static final List<String> PROGRAMS = List.of("postgres", "pg_ctl", "pg_controldata", "psql", "initdb");

    private final LiveContext context;
    private final List<String> found = new ArrayList<>();

    Obstacles(LiveContext context) {
        this.context = context;
    }

    List<String> find(FactsQuery query) {
        found.clear();
        programs();
        try {
            switch (query.placement()) {
                case IN_PLACE -> inPlace();
                case DRILL -> workspaceBeside(context.dataDirectory());
                case INTO -> into(query.into() == null ? "" : query.into(), query.port());
            }
        } catch (IOException e) {
            add(FailureCode.CLUSTER_NOT_READY, "cannot look at the directories of this host: " + e.getMessage());
        }
        return List.copyOf(found);
    }

    private void programs() {
        for (String program : PROGRAMS) {
            Path path = context.cluster().binary(program);
            if (!Files.isExecutable(path)) {
                add(FailureCode.MISSING_BINARY, path + " is missing or cannot be run");
            }
        }
    }

    /** Those of the live cluster are set aside; the ones of a base backup are looked at once it is chosen. */
    private void tablespaces() throws IOException {
        for (Site site : new TablespaceSites(context)
                .of(CopyTablespaces.links(context.dataDirectory()).values())) {
            if (site.obstacle() != null && Files.exists(Path.of(site.location()))) {
                add(
                        FailureCode.SWAP_IMPOSSIBLE,
                        "the live cluster has a tablespace in %s, which must be set aside, and %s"
                                .formatted(site.location(), site.obstacle()));
            }
        }
    }

    private void inPlace() throws IOException {
        Path live = context.dataDirectory();
        unfinishedSwap();
        served(live);
        standby(live);
        if (Files.isSymbolicLink(live)) {
            add(FailureCode.SWAP_IMPOSSIBLE, live + " is a symbolic link: give data-directory its real path");
            return;
        }
        if (MountPoints.isMountPoint(live)) {
            add(FailureCode.SWAP_IMPOSSIBLE, live + " is a mount point, which cannot be renamed");
        }
        workspaceBeside(live);
        tablespaces();
    }

    /** Two primaries would come of it: the recovered one here, and the one that it follows. */
    private void standby(Path live) {
        if (Files.exists(live.resolve("standby.signal"))) {
            String follows = new LiveServer(context)
                    .setting("primary_conninfo")
                    .map(Obstacles::hostAndPort)
                    .orElse("");
            add(
                    FailureCode.CLUSTER_NOT_READY,
                    "%s is a standby%s (it has a standby.signal): recovered in place it would be a second primary. Recover on the primary's own host; where that is lost for good, promote this one first ('pg_ctl promote')"
                            .formatted(live, follows.isEmpty() ? "" : " of the server at " + follows));
        }
    }

    /** Never the rest of it, which may hold a password. */
    static String hostAndPort(String conninfo) {
        String host = parameter(conninfo, "host");
        String port = parameter(conninfo, "port");
        return port.isEmpty() ? host : host + ":" + port;
    }

    private static String parameter(String conninfo, String name) {
        Matcher matcher =
                Pattern.compile("(?:^|\\s)" + name + "\\s*=\\s*'?([^'\\s]+)").matcher(conninfo);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** A server that answers and is no process of this host's data directory is what would be lost sight of. */
    private void served(Path live) {
        if (ServerProcesses.postmaster(live).isPresent()) {
            otherCluster(live);
            return;
        }
        LiveDatabase.Answer answer =
                new LiveDatabase(context).tryLogin(context.cluster().port());
        if (answer.accepted() || answer.refusedByRule()) {
            add(
                    FailureCode.WRONG_HOST,
                    "no server runs in %s on this host (%s), and one answers at %s:%d: either this worker does not run where that cluster does, or host, port and data-directory in lifeboat.yaml name two of them"
                            .formatted(
                                    live,
                                    context.workerName(),
                                    context.cluster().host(),
                                    context.cluster().port()));
        }
    }

    /** What is proved at that address in the end would be proved of somebody else's data. */
    private void otherCluster(Path live) {
        Optional<ControlFile> control = new LiveServer(context).look().control();
        try (Connection connection = new LiveDatabase(context).connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select system_identifier::text from pg_control_system()")) {
            row.next();
            String answers = row.getString(1);
            control.filter(own -> !own.systemId().equals(answers))
                    .ifPresent(own -> add(
                            FailureCode.WRONG_SYSTEM_ID,
                            "the server at %s:%d has system identifier %s, and the one that runs in %s has %s: make host, port and data-directory in lifeboat.yaml name the same cluster"
                                    .formatted(
                                            context.cluster().host(),
                                            context.cluster().port(),
                                            answers,
                                            live,
                                            own.systemId())));
        } catch (SQLException e) {
            // Whoever does not answer now is looked at by the steps that need an answer.
            Transcript.note("the system identifier of the server at its address is not known: " + e.getMessage());
        }
    }

    /** The copy is restored into a folder beside the data directory, by a worker that must be able to make it. */
    private void workspaceBeside(Path live) throws IOException {
        Path parent = live.resolveSibling("");
        if (!Files.isDirectory(parent)) {
            add(
                    FailureCode.SWAP_IMPOSSIBLE,
                    "%s, the folder of the data directory, does not exist: mount it, or 'install -d -o %s %s'"
                            .formatted(parent, userName(), parent));
            return;
        }
        Path folder = LifeboatFolder.of(context.cluster()).root();
        Path written = Files.exists(folder, LinkOption.NOFOLLOW_LINKS) ? folder : parent;
        if (!Files.isWritable(written)) {
            add(
                    FailureCode.SWAP_IMPOSSIBLE,
                    "%s cannot be written by %s, as whom this worker runs"
                            .formatted(written, System.getProperty("user.name")));
        }
        if (!MountPoints.sameFileSystem(written, parent)) {
            add(FailureCode.SWAP_IMPOSSIBLE, folder + " is on another file system than " + parent);
        }
        if (Files.isDirectory(live) && !MountPoints.sameFileSystem(live, parent) && !MountPoints.isMountPoint(live)) {
            add(FailureCode.SWAP_IMPOSSIBLE, live + " is on another file system than " + parent);
        }
    }

    private void unfinishedSwap() {
        SwapJournal.read(context)
                .filter(journal -> !journal.opened() && journal.onDisk().before())
                .ifPresent(journal -> add(
                        FailureCode.SWAP_IMPOSSIBLE,
                        "run %s has left a swap unfinished: the data directory from before is %s; move it back, or remove %s"
                                .formatted(journal.runId(), journal.before(), context.note(SwapJournal.NOTE))));
    }

    private void into(String named, int port) throws IOException {
        Path into = Path.of(named);
        if (!into.isAbsolute()) {
            add(FailureCode.DIRECTORY_NOT_EMPTY, "'" + named + "' is not an absolute path");
            return;
        }
        Path live = context.dataDirectory();
        if (into.normalize().startsWith(live) || live.startsWith(into.normalize())) {
            add(FailureCode.DIRECTORY_NOT_EMPTY, into + " and the live data directory " + live + " lie in each other");
            return;
        }
        if (!FileTrees.isEmptyOrMissing(into)) {
            add(FailureCode.DIRECTORY_NOT_EMPTY, into + " is not empty; a copy needs a directory of its own");
        }
        Path tablespaces = Path.of(into + ".tablespaces");
        if (!FileTrees.isEmptyOrMissing(tablespaces)) {
            add(FailureCode.DIRECTORY_NOT_EMPTY, tablespaces + ", where the copy's tablespaces would go, is not empty");
        }
        parentOf(into);
        port(port);
    }

    private void parentOf(Path into) throws IOException {
        Path parent = into.resolveSibling("");
        if (!Files.isDirectory(parent)) {
            add(FailureCode.DIRECTORY_NOT_EMPTY, parent + " does not exist; make it, owned by " + userName());
            return;
        }
        String owner = Files.getOwner(parent).getName();
        if (!owner.equals(userName())) {
            add(
                    FailureCode.DIRECTORY_NOT_EMPTY,
                    "%s belongs to %s, and the copy's server will run as %s".formatted(parent, owner, userName()));
        } else if (!Files.isWritable(parent)) {
            add(FailureCode.DIRECTORY_NOT_EMPTY, parent + " cannot be written");
        }
    }

    private void port(int port) {
        if (port == context.cluster().port()) {
            add(FailureCode.PORT_TAKEN, "port %d is the one of the live cluster".formatted(port));
            return;
        }
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            socket.setReuseAddress(true);
        } catch (IOException e) {
            add(FailureCode.PORT_TAKEN, "port %d is taken on this host: %s".formatted(port, e.getMessage()));
        }
    }

    private String userName() {
        return context.user().name();
    }

    private void add(FailureCode code, String sentence) {
        found.add(code.name() + ": " + sentence);
    }
}
