<?php
/**
 * What authors see while they write: the panel of the block editor with its REST route, and the box of the classic editor.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Error;
use WP_Post;
use WP_REST_Request;

defined( 'ABSPATH' ) || exit;

/** The panel itself is assets/editor.js. */
final class Editor {

	/** Hooks. */
	public static function register() {
		add_action( 'rest_api_init', array( __CLASS__, 'routes' ) );
		add_action( 'enqueue_block_editor_assets', array( __CLASS__, 'scripts' ) );
		add_action( 'add_meta_boxes', array( __CLASS__, 'boxes' ) );
	}

	/** POST copytaster/v1/check, and two fields of posts: `copytaster` to read, `copytaster_override` to write. */
	public static function routes() {
		register_rest_route(
			'copytaster/v1',
			'/check',
			array(
				'methods'             => 'POST',
				'callback'            => array( __CLASS__, 'check' ),
				'permission_callback' => function ( WP_REST_Request $request ) {
					return current_user_can( 'edit_post', $request['post'] );
				},
				'args'                => array(
					'post'    => array( 'type' => 'integer', 'required' => true, 'minimum' => 1 ),
					'title'   => array( 'type' => 'string', 'required' => true ),
					'content' => array( 'type' => 'string', 'required' => true ),
				),
			)
		);
		$types = (array) Settings::get( 'post_types' );
		register_rest_field(
			$types,
			'copytaster',
			array(
				'get_callback' => function ( array $post ) {
					$decision = current_user_can( 'edit_post', $post['id'] ) ? Decision::of_post( $post['id'] ) : null;
					return $decision ? self::view( $decision ) : null;
				},
				'schema'       => array( 'type' => array( 'object', 'null' ), 'context' => array( 'edit' ), 'readonly' => true ),
			)
		);
		register_rest_field(
			$types,
			'copytaster_override',
			array(
				'get_callback'    => '__return_empty_string',
				'update_callback' => '__return_true', // Gate::refuse_change() has read it, before the post was stored.
				'schema'          => array( 'type' => 'string', 'context' => array( 'edit' ) ),
			)
		);
	}

	/** The verdict on what is in the editor now. Nothing is stored, here or there. */
	public static function check( WP_REST_Request $request ) {
		$post = get_post( (int) $request['post'] );
		if ( ! $post || ! Settings::watches( $post->post_type ) ) {
			return new WP_Error( 'copytaster_not_watched', __( 'Posts of this type are not checked.', 'copytaster' ), array( 'status' => 404 ) );
		}
		$fields = array( 'post_title' => $request['title'], 'post_content' => $request['content'] ) + $post->to_array();
		$item   = Item::of( $post->ID, $fields );
		return rest_ensure_response( self::view( Decision::about( $item, Service::check( $item ), 'publish' === $post->post_status ) ) );
	}

	/** A decision as the panel shows it. */
	public static function view( Decision $decision ) {
		$editor = $decision->editor ? get_userdata( $decision->editor ) : null;
		return $decision->evidence + array(
			'state'  => $decision->state,
			'label'  => $decision->label(),
			'passes' => $decision->passes,
			'why'    => $decision->why(),
			'note'   => $decision->note,
			'editor' => $editor ? $editor->display_name : '',
			'made'   => $decision->made,
		);
	}

	/** The panel. */
	public static function scripts() {
		$screen = get_current_screen();
		if ( ! $screen || ! Settings::watches( $screen->post_type ) ) {
			return;
		}
		$needs = array( 'wp-api-fetch', 'wp-components', 'wp-data', 'wp-edit-post', 'wp-editor', 'wp-element', 'wp-i18n', 'wp-notices', 'wp-plugins' );
		wp_enqueue_script( 'copytaster', plugins_url( 'assets/editor.js', __DIR__ ), $needs, VERSION, true );
		wp_set_script_translations( 'copytaster', 'copytaster' );
		wp_localize_script( 'copytaster', 'copytasterSettings', array( 'mayOverride' => current_user_can( OVERRIDE ) ? '1' : '' ) );
		wp_enqueue_style( 'copytaster', plugins_url( 'assets/editor.css', __DIR__ ), array(), VERSION );
	}

	/** The box of the classic editor, where there is no panel. */
	public static function boxes() {
		foreach ( (array) Settings::get( 'post_types' ) as $type ) {
			add_meta_box( 'copytaster', 'copytaster', array( __CLASS__, 'box' ), $type, 'side', 'high', array( '__back_compat_meta_box' => true ) );
		}
	}

	/** Its inside. */
	public static function box( WP_Post $post ) {
		$decision = Decision::of_post( $post->ID );
		echo $decision ? wp_kses_post( Desk::details( $decision ) ) : esc_html__( 'This post is checked when it is published.', 'copytaster' );
		if ( current_user_can( OVERRIDE ) ) {
			wp_nonce_field( "copytaster_$post->ID", 'copytaster_nonce', false );
			printf( '<p><label for="copytaster-note">%s</label><textarea id="copytaster-note" name="copytaster_note" rows="2" class="widefat"></textarea></p>', esc_html__( 'Publish it whatever copytaster finds, because…', 'copytaster' ) );
		}
	}

	/** What was written into the box, when this request comes from it. */
	public static function posted_note() {
		$nonce = sanitize_key( $_POST['copytaster_nonce'] ?? '' );
		$post  = (int) ( $_POST['post_ID'] ?? 0 );
		if ( ! $nonce || ! wp_verify_nonce( $nonce, "copytaster_$post" ) ) {
			return '';
		}
		return sanitize_textarea_field( wp_unslash( $_POST['copytaster_note'] ?? '' ) );
	}
}
