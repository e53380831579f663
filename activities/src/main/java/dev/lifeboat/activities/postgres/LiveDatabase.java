package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.config.SecretRef;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** Logins to the cluster as its applications make them: configured host, port, user and password. */
record LiveDatabase(LiveContext context) {

    static final String NO_SUCH_DATABASE = "3D000";
    static final String NOT_ADMITTED = "28000";
    static final String NO_ANSWER = "08001";

    /** @param port the configured one, or that of a copy beside the cluster */
    Connection connect(int port, Duration answerWithin) throws SQLException {
        return connect(context.cluster().database(), port, answerWithin);
    }

    Connection connect(String database, int port, Duration answerWithin) throws SQLException {
        var cluster = context.cluster();
        Properties properties = new Properties();
        properties.setProperty("user", cluster.user());
        SecretRef password = cluster.password();
        if (password != null) {
            properties.setProperty("password", password.resolve(context.environment()));
        }
        properties.setProperty("ApplicationName", "lifeboat");
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("loginTimeout", "5");
        properties.setProperty("socketTimeout", Long.toString(Math.max(1, answerWithin.toSeconds())));
        return DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/%s".formatted(cluster.host(), port, RestoreSession.inUrl(database)),
                properties);
    }

    Connection connect() throws SQLException {
        return connect(context.cluster().port(), Duration.ofSeconds(20));
    }

    /** How the server answers a login now. */
    Answer tryLogin(int port) {
        try (Connection connection = connect(port, Duration.ofSeconds(5))) {
            boolean valid = connection.isValid(5);
            Transcript.note("logs in at %s:%d".formatted(context.cluster().host(), port));
            return valid ? new Answer(true, "", "") : new Answer(false, NO_ANSWER, "it does not answer a question");
        } catch (SQLException e) {
            String state = e.getSQLState() == null ? "" : e.getSQLState();
            String message = e.getMessage() == null ? state : e.getMessage();
            Transcript.quote("no login at %s:%d".formatted(context.cluster().host(), port), message);
            return new Answer(state.equals(NO_SUCH_DATABASE), state, message);
        }
    }

    /**
     * @param accepted the login was let in, even where the database that it named is gone
     * @param sqlState empty when there is none
     */
    record Answer(boolean accepted, String sqlState, String message) {

        static final Answer NONE = new Answer(false, NO_ANSWER, "no answer");
        static final Answer ADMITTED = new Answer(true, "", "");

        /** The server is up and its access rules, or the password, keep us out: waiting does not change that. */
        boolean refusedByRule() {
            return sqlState.startsWith("28");
        }
    }
}
