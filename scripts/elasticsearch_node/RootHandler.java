package newsbeam.testnode;

import java.io.IOException;
import java.util.List;

import org.elasticsearch.Build;
import org.elasticsearch.action.admin.cluster.state.ClusterStateRequest;
import org.elasticsearch.action.admin.cluster.state.ClusterStateResponse;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestBuilderListener;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * Answers GET and HEAD of "/" as a full node does; the minimal distribution lacks the module that does it, and clients ask
 * for it to learn the version. The cluster state is requested (empty) for its name and because that needs the privilege
 * "monitor", which is what a full node asks of the caller too.
 */
final class RootHandler extends BaseRestHandler {

    @Override
    public String getName() {
        return "newsbeam_test_root";
    }

    @Override
    public List<Route> routes() {
        return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
        ClusterStateRequest nothingOfTheState = new ClusterStateRequest(TimeValue.timeValueSeconds(30)).clear();
        String nodeName = client.settings().get("node.name");
        return channel -> client.admin().cluster().state(nothingOfTheState, new RestBuilderListener<ClusterStateResponse>(channel) {
            @Override
            public RestResponse buildResponse(ClusterStateResponse state, XContentBuilder json) throws IOException {
                return new RestResponse(RestStatus.OK, describe(nodeName, state, Build.current(), json));
            }
        });
    }

    private static XContentBuilder describe(String nodeName, ClusterStateResponse state, Build build, XContentBuilder json)
        throws IOException {
        json.startObject();
        json.field("name", nodeName);
        json.field("cluster_name", state.getClusterName().value());
        json.field("cluster_uuid", state.getState().metadata().clusterUUID());
        json.startObject("version");
        json.field("number", build.qualifiedVersion());
        json.field("build_flavor", build.flavor());
        json.field("build_type", build.type().displayName());
        json.field("build_hash", build.hash());
        json.field("build_date", build.date());
        json.field("build_snapshot", build.isSnapshot());
        json.field("lucene_version", org.apache.lucene.util.Version.LATEST.toString());
        json.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
        json.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
        json.endObject();
        json.field("tagline", "You Know, for Search");
        return json.endObject();
    }
}
