package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** The live cluster's {@code pg_hba.conf} and {@code pg_ident.conf}, wherever they are, closed and put back. */
final class AccessFiles {

    private static final String NOTE = "quiesce";

    private final LiveContext context;
    private final LiveServer server;
    private final ClosedAccess closed;

    AccessFiles(LiveContext context, LiveServer server) {
        this.context = context;
        this.server = server;
        this.closed = new ClosedAccess(context.user().name(), context.cluster().user());
    }

    /** Where they were when they were closed; a later swap moves those that lie in the data directory. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Places(String hba, String ident) {}

    /** @return false when there is no such file, so nothing to close */
    boolean close() {
        Places places = context.read(NOTE, Places.class).orElseGet(this::find);
        Path hba = Path.of(places.hba());
        if (!Files.exists(hba)) {
            return false;
        }
        try {
            ReplacedFile rules = rules(hba);
            if (ClosedAccess.isClosed(Files.readAllBytes(hba)) && !Files.exists(rules.saved())) {
                throw new RecoveryFailure(
                        FailureCode.UNEXPECTED_STATE,
                        "cannot close %s: it is closed already, and %s with the original lines is gone"
                                .formatted(hba, rules.saved()),
                        "put the original access rules back by hand, then 'lifeboat retry'");
            }
            context.write(NOTE, places);
            Path ident = Path.of(places.ident());
            if (closed.needsMap() && Files.exists(ident)) {
                names(ident).replace(closed::ident);
            }
            rules.replace(original -> closed.hba());
            return true;
        } catch (IOException e) {
            throw FileTrees.failed("close " + hba, e);
        }
    }

    /** @return what was done, for people */
    String open() {
        Optional<Places> places = context.read(NOTE, Places.class);
        if (places.isEmpty()) {
            return "access rules were not changed";
        }
        try {
            Path hba = whereNow(Path.of(places.get().hba()));
            Path ident = whereNow(Path.of(places.get().ident()));
            boolean back = !Files.exists(hba) || rules(hba).putBack(original -> closed.hba());
            if (Files.exists(ident)) {
                names(ident).putBack(closed::ident);
            }
            context.forget(NOTE);
            return back ? "original access rules are back in " + hba : hba + " was changed by somebody; left as it is";
        } catch (IOException e) {
            throw FileTrees.failed("put the original access rules back", e);
        }
    }

    boolean isClosed() {
        return context.read(NOTE, Places.class).isPresent();
    }

    private ReplacedFile rules(Path hba) {
        return new ReplacedFile(hba, context.folder().resolve("pg_hba.conf.original"), context.user());
    }

    private ReplacedFile names(Path ident) {
        return new ReplacedFile(ident, context.folder().resolve("pg_ident.conf.original"), context.user());
    }

    private Path whereNow(Path file) {
        Path live = context.dataDirectory();
        return file.startsWith(live)
                ? SwapJournal.movedAside(context)
                        .map(before -> before.resolve(live.relativize(file)))
                        .orElse(file)
                : file;
    }

    private Places find() {
        return askServer()
                .orElseGet(() -> new Places(
                        likely("hba_file", "pg_hba.conf").toString(),
                        likely("ident_file", "pg_ident.conf").toString()));
    }

    private Path likely(String setting, String name) {
        Path config = context.cluster().configFile();
        return server.settingOfFile(setting)
                .orElse(config == null ? context.dataDirectory().resolve(name) : config.resolveSibling(name));
    }

    private Optional<Places> askServer() {
        try (Connection connection = new LiveDatabase(context).connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select current_setting('hba_file'), current_setting('ident_file')")) {
            row.next();
            return Optional.of(new Places(row.getString(1), row.getString(2)));
        } catch (SQLException e) {
            return Optional.empty();
        }
    }
}
